using System.Globalization;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Evidence;

/// <summary>Writes what shows that a log signed two histories, into one file of the folder.</summary>
internal static class WriteEvidence
{
    private const int MostFiles = 100;

    /// <summary>Two signed checkpoints that contradict each other: with the proof from the log's own tiles, or, where they do not give it, without.</summary>
    internal static async Task<string> Handle(
        string folder, IReadOnlyList<VerifierKey> keys, SignedCheckpoint one, SignedCheckpoint other, LogClient log, CancellationToken cancel)
    {
        var (older, newer) = one.Size <= other.Size ? (one, other) : (other, one);
        var notes = new ForkEvidence(keys, older, newer, null, []);
        return Write(folder, older.Size < newer.Size ? await Prove(notes, log, cancel) ?? notes : notes);
    }

    /// <summary>The same with the proof out of the log's tiles; null where they prove nothing.</summary>
    internal static async Task<ForkEvidence?> Prove(ForkEvidence notes, LogClient log, CancellationToken cancel)
    {
        try
        {
            var (root, proof) = await ReadProof.Consistency(log, notes.Older.Size, notes.Newer.Size, cancel);
            var proven = notes with { OlderRootInNewer = root, Proof = proof };
            return proven.Judge(notes.Keys).Proven == true ? proven : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Writes the file and returns its path; the same evidence again is the same file.</summary>
    internal static string Write(string folder, ForkEvidence evidence)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(
            CultureInfo.InvariantCulture, $"evidence-{evidence.Older.Size}-{evidence.Newer.Size}-{Convert.ToHexStringLower(evidence.Newer.Root.AsSpan(0, 4))}.txt");
        var path = Path.Combine(folder, name);
        if (!File.Exists(path) && Directory.EnumerateFiles(folder, "evidence-*.txt").Take(MostFiles).Count() < MostFiles)
        {
            var aside = $"{path}.{Path.GetRandomFileName()}.part";
            File.WriteAllText(aside, evidence.ToText());
            File.Move(aside, path, overwrite: true);
        }

        return path;
    }
}
