using System.Globalization;
using System.Text;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Evidence;

/// <summary>
/// Two checkpoints that a log signed and that cannot both be true, in one file that needs nothing else: the keys, both notes,
/// and for different sizes the root that the newer tree has at the older size, with its consistency proof.
/// </summary>
internal sealed record ForkEvidence(
    IReadOnlyList<VerifierKey> Keys, SignedCheckpoint Older, SignedCheckpoint Newer, byte[]? OlderRootInNewer, IReadOnlyList<byte[]> Proof)
{
    private const string Heading = "marketplace/log-evidence@v1";

    /// <summary>The file: the heading, a line for each key, the root and the proof, and after a blank line each, both notes.</summary>
    internal string ToText()
    {
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var key in Keys)
            text.Append(CultureInfo.InvariantCulture, $"key {key}\n");
        if (OlderRootInNewer is { } root)
            text.Append(CultureInfo.InvariantCulture, $"root {Convert.ToBase64String(root)}\n");
        foreach (var hash in Proof)
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        return text.Append('\n').Append(Older.Note).Append('\n').Append(Newer.Note).ToString();
    }

    /// <exception cref="FormatException">It is not written so.</exception>
    internal static ForkEvidence Parse(string text)
    {
        if (text.Split("\n\n") is not [var head, var older, var olderSigned, var newer, var newerSigned] || head.Split('\n') is not [Heading, .. var lines])
            throw new FormatException("This is not an evidence file of ours.");

        var keys = lines.TakeWhile(l => l.StartsWith("key ", StringComparison.Ordinal)).Select(l => VerifierKey.Parse(l[4..])).ToList();
        var rest = lines[keys.Count..];
        byte[]? root = null;
        if (rest is [['r', 'o', 'o', 't', ' ', .. var encoded], .. var proof])
            (root, rest) = (Convert.FromBase64String(encoded), proof);
        return new(
            keys,
            SignedCheckpoint.Read($"{older}\n\n{olderSigned}\n"),
            SignedCheckpoint.Read($"{newer}\n\n{newerSigned}"),
            root,
            [.. rest.Select(Convert.FromBase64String)]);
    }

    /// <summary>What the file shows to somebody who trusts these keys to be the log's, and nothing else.</summary>
    internal Verdict Judge(IReadOnlyList<VerifierKey> trusted)
    {
        foreach (var checkpoint in new[] { Older, Newer })
        {
            if (!trusted.Any(key => key.Name == checkpoint.Origin && checkpoint.Note.IsSignedBy(key)))
                return new(false, $"The checkpoint of {checkpoint.Size} entries is not signed by the log's key.");
        }

        if (Older.Origin != Newer.Origin)
            return new(false, $"The checkpoints are of two logs, {Older.Origin} and {Newer.Origin}.");
        if (Older.Size == Newer.Size)
            return Older.HasRoot(Newer.Root)
                ? new(false, "Both checkpoints are the same.")
                : new(true, $"{Older.Origin} signed two different ledgers of {Older.Size} entries.");
        if (OlderRootInNewer is not { } root)
            return new(null, $"{Older.Origin} signed both checkpoints, and the file holds no proof that the ledger of {Newer.Size} entries does not continue that of {Older.Size}.");
        if (!Rfc6962.Continues(Older.Size, Newer.Size, root, Newer.Root, Proof))
            return new(false, "The proof does not lead to the newer checkpoint's root.");
        return Older.HasRoot(root)
            ? new(false, "The newer checkpoint continues the older one: nothing was rewritten.")
            : new(true, $"{Older.Origin} signed a ledger of {Older.Size} entries, and then one of {Newer.Size} whose first {Older.Size} are others.");
    }
}

/// <summary>Whether a log is shown to have signed two histories: true, false, or null where the file does not suffice.</summary>
internal sealed record Verdict(bool? Proven, string Why);
