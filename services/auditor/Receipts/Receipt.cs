using System.Globalization;
using System.Security.Cryptography;
using Marketplace.Auditor.Entries;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Receipts;

/// <summary>A C2SP tlog-proof whose extra data is the leaf; a worker's own has before it what opens the entry.</summary>
internal sealed record Receipt(byte[] Leaf, long Index, IReadOnlyList<byte[]> Proof, string Checkpoint, Opening? Opening)
{
    /// <exception cref="FormatException">It is not written so.</exception>
    internal static Receipt Parse(string text)
    {
        var opened = text.StartsWith(Opening.FirstLine + "\n", StringComparison.Ordinal) ? text.IndexOf("\n\n", StringComparison.Ordinal) : -1;
        var opening = opened < 0 ? null : Opening.Parse(text[..opened]);
        text = opened < 0 ? text : text[(opened + 2)..];

        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split('\n');
        if (lines is not ["c2sp.org/tlog-proof@v1", ['e', 'x', 't', 'r', 'a', ' ', .. var leaf], ['i', 'n', 'd', 'e', 'x', ' ', .. var index], .. var proof])
            throw new FormatException("This is not a receipt of ours.");
        return new(
            Convert.FromBase64String(leaf),
            long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{index}' is no index."),
            [.. proof.Select(Convert.FromBase64String)],
            text[(end + 2)..],
            opening);
    }

    /// <summary>The entry, once its leaf is shown to be in the checkpoint's tree.</summary>
    /// <exception cref="CryptographicException">It is not.</exception>
    internal Entry Verify(SignedCheckpoint checkpoint)
    {
        var hash = new byte[Rfc6962.Size];
        Rfc6962.HashLeaf(Leaf, hash);
        if (!Rfc6962.Includes(Index, checkpoint.Size, hash, Proof, checkpoint.Root))
            throw new CryptographicException("The leaf does not lead to the signed root: the receipt was changed, or the entry was never logged.");

        var entry = new Entry();
        LeafReader.Read(Leaf, new Names(), entry);
        return entry.Number == Index + 1 ? entry : throw new CryptographicException("The leaf stands at another place than its number says.");
    }
}
