using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// A text with Ed25519 signatures under it, as C2SP signed-note has it: the text ends in a newline, a blank line follows, then
/// one line a signature, <c>— name base64(key id ‖ signature)</c>.
/// </summary>
internal static class SignedNote
{
    internal const byte Ed25519Type = 0x01;

    /// <summary>The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key).</summary>
    internal static uint KeyId(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        byte[] input = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', type, .. publicKey];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(input));
    }

    /// <summary>The public key as others configure it: <c>name+key id+base64(type ‖ key)</c>.</summary>
    internal static string VerifierKey(string name, ReadOnlySpan<byte> publicKey)
    {
        byte[] key = [Ed25519Type, .. publicKey];
        return $"{name}+{KeyId(name, Ed25519Type, publicKey):x8}+{Convert.ToBase64String(key)}";
    }

    /// <summary>The note: the text and these keys' signatures of it, each under the same name.</summary>
    /// <exception cref="ArgumentException">The text does not end in a newline, or the name has a space or a plus.</exception>
    internal static string Sign(string text, string name, params Key[] keys)
    {
        if (!text.EndsWith('\n'))
            throw new ArgumentException("A note's text ends in a newline.", nameof(text));
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || c == '+'))
            throw new ArgumentException("A signer's name has no space and no plus.", nameof(name));

        return AlsoSign($"{text}\n", name, keys);
    }

    /// <summary>The note with the signatures of these keys that are not under it yet. Ed25519 signs the same text in the same way each time.</summary>
    internal static string AlsoSign(string note, string name, params Key[] keys)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1;
        var (text, signatures) = (note[..end], note[(end + 1)..]);
        var missing = keys.Select(key => SignatureLine(text, name, key)).Where(line => !signatures.Contains(line, StringComparison.Ordinal));
        return $"{text}\n{string.Concat(missing)}{signatures}";
    }

    private static string SignatureLine(string text, string name, Key key)
    {
        var publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        return Line(name, KeyId(name, Ed25519Type, publicKey), SignatureAlgorithm.Ed25519.Sign(key, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>One signature line.</summary>
    internal static string Line(string name, uint keyId, ReadOnlySpan<byte> signature)
    {
        var blob = new byte[4 + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(blob, keyId);
        signature.CopyTo(blob.AsSpan(4));
        return $"— {name} {Convert.ToBase64String(blob)}\n";
    }

    /// <summary>The text of a note that carries a good signature of this name and key, or null.</summary>
    internal static string? Open(string note, string name, ReadOnlySpan<byte> publicKey)
    {
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            return null;

        var text = note[..(end + 1)];
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey);
        var expected = KeyId(name, Ed25519Type, publicKey);
        foreach (var line in note[(end + 2)..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not ["—", var signer, var encoded] || signer != name)
                continue;

            var blob = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, blob, out var length)
                && length == 4 + SignatureAlgorithm.Ed25519.SignatureSize
                && BinaryPrimitives.ReadUInt32BigEndian(blob) == expected
                && SignatureAlgorithm.Ed25519.Verify(key, Encoding.UTF8.GetBytes(text), blob.AsSpan(4, length - 4)))
                return text;
        }

        return null;
    }
}
