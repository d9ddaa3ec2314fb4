using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using NSec.Cryptography;

namespace Marketplace.Auditor.Witness;

/// <summary>What a witness answers to a checkpoint: an HTTP status and a body.</summary>
internal sealed record Answer(int Status, string Body, string ContentType = "text/plain");

/// <summary>
/// <c>add-checkpoint</c> of a witness of one log (C2SP tlog-witness): it remembers the last checkpoint it signed, and signs another
/// only when it is shown that the tree has but grown. Two checkpoints that cannot both be become one evidence file.
/// </summary>
/// <param name="name">The witness's name.</param>
/// <param name="key">Its key.</param>
/// <param name="logs">The log's keys: one, or both while it is handed over.</param>
/// <param name="folder">Where the last checkpoint and evidence are kept.</param>
/// <param name="tiles">The log's tiles, for the proof of a fork; null where its address was not given.</param>
/// <param name="clock">For the time in a cosignature.</param>
internal sealed class AddCheckpoint(
    string name, Key key, IReadOnlyList<VerifierKey> logs, string folder, LogClient? tiles, TimeProvider clock)
{
    private const int LongestProof = 63;
    private readonly Lock _one = new();

    private string StateFile => Path.Combine(folder, "last-checkpoint");

    /// <summary>The witness's own verifier key, to be given to the log.</summary>
    internal VerifierKey OwnKey => VerifierKey.Of(name, VerifierKey.Cosignature, key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    /// <summary>Answers a request: <c>old SIZE</c>, lines of a consistency proof, a blank line, the signed checkpoint.</summary>
    internal async Task<Answer> Handle(string request, CancellationToken cancel)
    {
        var end = request.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : request[..end].Split('\n');
        if (lines is not [['o', 'l', 'd', ' ', .. var said], .. var encoded] || ReadSize(said) is not { } old || encoded.Length > LongestProof)
            return new(400, "The request is not written as tlog-witness has it.\n");

        SignedCheckpoint checkpoint;
        byte[][] proof;
        try
        {
            checkpoint = SignedCheckpoint.Read(request[(end + 2)..]);
            proof = [.. encoded.Select(Convert.FromBase64String)];
        }
        catch (FormatException e)
        {
            return new(400, e.Message + "\n");
        }

        if (logs.All(log => log.Name != checkpoint.Origin))
            return new(404, "This witness does not know that log.\n");
        if (!logs.Any(checkpoint.Note.IsSignedBy))
            return new(403, "The checkpoint's signature is not by the log's key.\n");
        if (old > checkpoint.Size)
            return new(400, "The checkpoint is smaller than the size it is said to follow.\n");

        SignedCheckpoint? last;
        Answer answer;
        lock (_one)
        {
            last = File.Exists(StateFile) ? SignedCheckpoint.Read(File.ReadAllText(StateFile)) : null;
            answer = Sign(last, old, proof, checkpoint);
        }

        if (answer.Status != 200 && last is not null)
            await KeepEvidence(last, checkpoint, proof, cancel);
        return answer;
    }

    private static long? ReadSize(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && (text.Length == 1 || text[0] != '0') ? size : null;

    private Answer Sign(SignedCheckpoint? last, long old, byte[][] proof, SignedCheckpoint checkpoint)
    {
        var size = last?.Size ?? 0;
        if (old != size || (checkpoint.Size == size && last is not null && !last.HasRoot(checkpoint.Root)))
            return new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), "text/x.tlog.size");
        if (size > 0 ? !Rfc6962.Continues(size, checkpoint.Size, last!.Root, checkpoint.Root, proof) : proof.Length > 0 || !MayBeFirst(checkpoint))
            return new(422, "The proof does not show that the log only grew.\n");

        Remember(checkpoint);
        return new(200, Cosign(checkpoint));
    }

    private static bool MayBeFirst(SignedCheckpoint checkpoint) => checkpoint.Size > 0 || checkpoint.HasRoot(new GrowingTree().Root());

    /// <summary>Written to the disk before it is answered: a witness never signs two futures of one past.</summary>
    private void Remember(SignedCheckpoint checkpoint)
    {
        var aside = StateFile + ".part";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            file.Write(Encoding.UTF8.GetBytes(checkpoint.Note.ToString()));
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, StateFile, overwrite: true);
    }

    private string Cosign(SignedCheckpoint checkpoint)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds();
        var blob = new byte[4 + 8 + 64];
        BinaryPrimitives.WriteUInt32BigEndian(blob, OwnKey.Id);
        BinaryPrimitives.WriteInt64BigEndian(blob.AsSpan(4), time);
        SignatureAlgorithm.Ed25519.Sign(key, Encoding.UTF8.GetBytes(checkpoint.Note.CosignedText(time)), blob.AsSpan(12));
        return $"— {name} {Convert.ToBase64String(blob)}\n";
    }

    /// <summary>
    /// A refusal is most often a log that does not know where its witness stands. It is a fork when both checkpoints have one size, when the
    /// proof that came along leads to the newer root from another older one, or when the log's tiles do.
    /// </summary>
    private async Task KeepEvidence(SignedCheckpoint last, SignedCheckpoint checkpoint, byte[][] proof, CancellationToken cancel)
    {
        if (last.Size == 0 || checkpoint.Size == 0)
            return;

        var (older, newer) = last.Size <= checkpoint.Size ? (last, checkpoint) : (checkpoint, last);
        var submitted = new ForkEvidence(logs, older, newer, Rfc6962.OlderRoot(older.Size, newer.Size, newer.Root, proof), proof);
        if (submitted.Judge(logs).Proven == true)
            WriteEvidence.Write(folder, submitted.OlderRootInNewer is null ? submitted with { Proof = [] } : submitted);
        else if (tiles is not null && newer == checkpoint && await WriteEvidence.Prove(submitted, tiles, cancel) is { } proven)
            WriteEvidence.Write(folder, proven);
    }
}
