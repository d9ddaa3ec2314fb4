using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Auditor.Log;

/// <summary>A signed note (C2SP signed-note): a text that ends in a newline, a blank line, and lines of signatures.</summary>
internal sealed record Note(string Text, string Signatures)
{
    /// <exception cref="FormatException">There is no blank line in it.</exception>
    internal static Note Read(string note)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        return end < 0 ? throw new FormatException("This is not a signed note.") : new(note[..(end + 1)], note[(end + 2)..]);
    }

    /// <summary>Whether a good signature of this key is under it; of a witness's key, a cosignature.</summary>
    internal bool IsSignedBy(VerifierKey key) => SignaturesOf(key).Any(blob => key.Type == VerifierKey.Cosignature
        ? blob.Length == 72 && key.Signed(Encoding.UTF8.GetBytes(CosignedText(BinaryPrimitives.ReadInt64BigEndian(blob))), blob.AsSpan(8))
        : key.Signed(Encoding.UTF8.GetBytes(Text), blob));

    /// <summary>What a witness signs (C2SP tlog-cosignature): a header, the time, and the text.</summary>
    internal string CosignedText(long unixSeconds) => string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {unixSeconds}\n{Text}");

    private IEnumerable<byte[]> SignaturesOf(VerifierKey key)
    {
        foreach (var line in Signatures.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blob = new byte[line.Length];
            if (line.Split(' ') is ["—", var name, var encoded] && name == key.Name
                && Convert.TryFromBase64String(encoded, blob, out var length) && length > 4
                && BinaryPrimitives.ReadUInt32BigEndian(blob) == key.Id)
                yield return blob[4..length];
        }
    }

    public override string ToString() => $"{Text}\n{Signatures}";
}

/// <summary>A checkpoint (C2SP tlog-checkpoint) with the note that it came in.</summary>
internal sealed record SignedCheckpoint(string Origin, long Size, byte[] Root, Note Note)
{
    /// <summary>Reads a checkpoint and checks the log's signature.</summary>
    /// <exception cref="FormatException">It is not written as a checkpoint is.</exception>
    /// <exception cref="CryptographicException">No good signature of this key is on it.</exception>
    internal static SignedCheckpoint Open(string note, VerifierKey key)
    {
        var checkpoint = Read(note);
        if (checkpoint.Origin != key.Name)
            throw new CryptographicException($"The checkpoint is of {checkpoint.Origin}, not of {key.Name}.");
        if (!checkpoint.Note.IsSignedBy(key))
            throw new CryptographicException("The checkpoint's signature is not by the log's key: it is forged, or the key was changed.");
        return checkpoint;
    }

    /// <exception cref="FormatException">It is not written as a checkpoint is.</exception>
    internal static SignedCheckpoint Read(string text)
    {
        var note = Note.Read(text);
        var lines = note.Text.Split('\n');
        var root = new byte[Rfc6962.Size + 2];
        if (lines is not [{ Length: > 0 }, var count, _, _, ..]
            || !long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || (count.Length > 1 && count[0] == '0')
            || !Convert.TryFromBase64String(lines[2], root, out var length) || length != Rfc6962.Size)
            throw new FormatException("This is not a signed checkpoint.");
        return new(lines[0], size, root[..length], note);
    }

    internal bool HasRoot(ReadOnlySpan<byte> root) => Root.AsSpan().SequenceEqual(root);
}
