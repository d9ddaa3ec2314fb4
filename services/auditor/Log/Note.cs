using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Marketplace.Auditor.Log;

/// <summary>A key that signs notes (C2SP signed-note): its name, its four-byte id, the kind of its signatures.</summary>
internal sealed record VerifierKey(string Name, uint Id, byte Type, byte[] Key)
{
    internal const byte Plain = 0x01;
    internal const byte Cosignature = 0x04;

    /// <summary>Reads <c>name+key id+base64(type ‖ key)</c>.</summary>
    /// <exception cref="FormatException">It is not written so, or the id is not this key's.</exception>
    internal static VerifierKey Parse(string text)
    {
        if (text.Trim().Split('+', 3) is not [{ Length: > 0 } name, { Length: 8 } id, var encoded])
            throw new FormatException("A key is written name+key id+base64.");

        var blob = Convert.FromBase64String(encoded);
        if (blob.Length != 33 || blob[0] is not (Plain or Cosignature))
            throw new FormatException("Only Ed25519 keys are known here.");

        var key = new VerifierKey(name, IdOf(name, blob), blob[0], blob[1..]);
        return key.Id == uint.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            ? key
            : throw new FormatException("The key's id does not belong to it.");
    }

    internal static uint IdOf(string name, ReadOnlySpan<byte> typeAndKey) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. typeAndKey]));

    internal bool Signed(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == 64 && SignatureAlgorithm.Ed25519.Verify(
            PublicKey.Import(SignatureAlgorithm.Ed25519, Key, KeyBlobFormat.RawPublicKey), message, signature);

    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Type, .. Key])}";
}

/// <summary>A checkpoint with the note that it came in.</summary>
internal sealed record SignedCheckpoint(string Origin, long Size, byte[] Root, string Text, string Note)
{
    /// <summary>Reads a checkpoint and checks the log's signature.</summary>
    /// <exception cref="FormatException">It is not written as a checkpoint is.</exception>
    /// <exception cref="CryptographicException">No good signature of this key is on it.</exception>
    internal static SignedCheckpoint Open(string note, VerifierKey key)
    {
        var checkpoint = Read(note);
        if (checkpoint.Origin != key.Name)
            throw new CryptographicException($"The checkpoint is of {checkpoint.Origin}, not of {key.Name}.");
        if (!checkpoint.IsSignedBy(key))
            throw new CryptographicException("The checkpoint's signature is not by the log's key: it is forged, or the key was changed.");
        return checkpoint;
    }

    internal static SignedCheckpoint Read(string note)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : note[..(end + 1)].Split('\n');
        var root = new byte[Rfc6962.Size + 2];
        if (lines is not [{ Length: > 0 }, _, _, ..]
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !Convert.TryFromBase64String(lines[2], root, out var length) || length != Rfc6962.Size)
            throw new FormatException("This is not a signed checkpoint.");
        return new(lines[0], size, root[..length], note[..(end + 1)], note);
    }

    internal bool IsSignedBy(VerifierKey key) => Signatures(key).Any(blob => key.Type == VerifierKey.Cosignature
        ? blob.Length == 72 && key.Signed(Encoding.UTF8.GetBytes(CosignedText(BinaryPrimitives.ReadInt64BigEndian(blob))), blob.AsSpan(8))
        : key.Signed(Encoding.UTF8.GetBytes(Text), blob));

    /// <summary>What a witness signs (C2SP tlog-cosignature): a header, the time, and the checkpoint.</summary>
    internal string CosignedText(long unixSeconds) => string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {unixSeconds}\n{Text}");

    private IEnumerable<byte[]> Signatures(VerifierKey key)
    {
        foreach (var line in Note[(Text.Length + 1)..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blob = new byte[line.Length];
            if (line.Split(' ') is ["—", var name, var encoded] && name == key.Name
                && Convert.TryFromBase64String(encoded, blob, out var length) && length > 4
                && BinaryPrimitives.ReadUInt32BigEndian(blob) == key.Id)
                yield return blob[4..length];
        }
    }
}
