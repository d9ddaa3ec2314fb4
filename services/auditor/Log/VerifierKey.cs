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

        var key = Of(name, blob[0], blob[1..]);
        return uint.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var said) && said == key.Id
            ? key
            : throw new FormatException("The key's id does not belong to it.");
    }

    /// <summary>The key with the id that belongs to it.</summary>
    internal static VerifierKey Of(string name, byte type, byte[] key) => new(
        name, BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. key])), type, key);

    internal bool Signed(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == 64 && SignatureAlgorithm.Ed25519.Verify(
            PublicKey.Import(SignatureAlgorithm.Ed25519, Key, KeyBlobFormat.RawPublicKey), message, signature);

    public bool Equals(VerifierKey? other) => other is not null && other.ToString() == ToString();

    public override int GetHashCode() => (int)Id;

    public override string ToString() => $"{Name}+{Id:x8}+{Convert.ToBase64String([Type, .. Key])}";
}
