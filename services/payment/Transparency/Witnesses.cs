using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NSec.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>A member's witness: the key that its cosignatures carry (C2SP tlog-cosignature, Ed25519), and where it takes checkpoints.</summary>
/// <param name="Name">The key's name, as in <c>witness.example.org/anna</c>.</param>
/// <param name="KeyId">The first four bytes of SHA-256(name ‖ newline ‖ 0x04 ‖ public key).</param>
/// <param name="PublicKey">32 bytes.</param>
/// <param name="Url">The address under which <c>add-checkpoint</c> is, with a slash at its end.</param>
internal sealed record Witness(string Name, uint KeyId, byte[] PublicKey, Uri Url)
{
    internal const byte CosignatureType = 0x04;
    private const int TimeBytes = 8;

    /// <summary>Name and key in one word: a witness with a new key is another one.</summary>
    internal string Id => string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyId:x8}");

    /// <summary>Reads <c>name+key id+base64(0x04 ‖ public key)</c> and an address under which <c>add-checkpoint</c> is.</summary>
    /// <exception cref="FormatException">One of them is not written so.</exception>
    internal static Witness Parse(string key, string url)
    {
        var blob = new byte[key.Length];
        if (key.Trim().Split('+', 3) is not [{ Length: > 0 } name, { Length: 8 } id, var encoded]
            || !Convert.TryFromBase64String(encoded, blob, out var length) || length != 33 || blob[0] != CosignatureType)
            throw new FormatException($"'{key}' is no witness's key: it is written name+key id+base64, and 'auditor witness' prints it.");

        var publicKey = blob[1..length];
        var keyId = SignedNote.KeyId(name, CosignatureType, publicKey);
        if (!uint.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var said) || said != keyId)
            throw new FormatException($"The id of the key '{key}' does not belong to it.");
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new FormatException($"'{url}' is no address of a witness.");
        return new(name, keyId, publicKey, address);
    }

    /// <summary>The line among these that is this witness's good signature of the checkpoint, with its newline; null where there is none.</summary>
    internal string? CosignatureIn(string lines, string checkpointText)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blob = new byte[line.Length];
            if (line.Split(' ') is ["—", var signer, var encoded] && signer == Name
                && Convert.TryFromBase64String(encoded, blob, out var length)
                && IsGood(blob.AsSpan(0, length), checkpointText))
                return line + "\n";
        }

        return null;
    }

    private bool IsGood(ReadOnlySpan<byte> blob, string checkpointText)
    {
        if (blob.Length != 4 + TimeBytes + SignatureAlgorithm.Ed25519.SignatureSize || BinaryPrimitives.ReadUInt32BigEndian(blob) != KeyId)
            return false;

        var time = BinaryPrimitives.ReadInt64BigEndian(blob[4..]);
        var signed = string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n{checkpointText}");
        var key = NSec.Cryptography.PublicKey.Import(SignatureAlgorithm.Ed25519, PublicKey, KeyBlobFormat.RawPublicKey);
        return time >= 0 && SignatureAlgorithm.Ed25519.Verify(key, Encoding.UTF8.GetBytes(signed), blob[(4 + TimeBytes)..]);
    }
}

/// <summary>
/// The witnesses that the log shows its checkpoints to (<c>Log:Witnesses:0:Url</c>, <c>…:Key</c> and so on), and how many of
/// them must have signed one before a payout that it covers leaves (<c>Log:Quorum</c>; by default more than half). None: nothing waits.
/// </summary>
internal sealed record Witnesses(IReadOnlyList<Witness> All, int Quorum)
{
    internal bool AreAsked => All.Count > 0;

    internal string[] Ids => [.. All.Select(w => w.Id)];

    /// <exception cref="FormatException">A key, an address or the quorum is not right, or a witness is named twice.</exception>
    internal static Witnesses Read(IConfiguration configuration)
    {
        var all = configuration.GetSection("Log:Witnesses").GetChildren().Select(w => Witness.Parse(w["Key"] ?? "", w["Url"] ?? "")).ToList();
        var quorum = all.Count == 0 ? 0 : configuration.GetValue("Log:Quorum", (all.Count / 2) + 1);
        if (all.DistinctBy(w => w.Id).Count() < all.Count)
            throw new FormatException("A witness is named twice, and would count twice.");
        if (all.Count > 0 && (quorum < 1 || quorum > all.Count))
            throw new FormatException($"Log:Quorum is {quorum}: of {all.Count} witnesses, 1 to {all.Count} can be asked for.");
        return new(all, quorum);
    }
}
