using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Auditor.Log;
using NSec.Cryptography;

namespace Marketplace.Auditor.Witness;

/// <summary>What a witness answers to a checkpoint: an HTTP status and a body.</summary>
internal sealed record Answer(int Status, string Body, string ContentType = "text/plain");

/// <summary>
/// A witness of one log (C2SP tlog-witness): it remembers the last checkpoint it signed, and signs another only when it is
/// shown that the tree has but grown. Two checkpoints that cannot both be become one evidence file.
/// </summary>
internal sealed class LogWitness(string name, Key key, VerifierKey log, string folder, TimeProvider clock)
{
    private readonly Lock _one = new();

    private string StateFile => Path.Combine(folder, "last-checkpoint");

    /// <summary>The witness's own verifier key, to be given to the log.</summary>
    internal string VerifierKey
    {
        get
        {
            byte[] blob = [Log.VerifierKey.Cosignature, .. key.PublicKey.Export(KeyBlobFormat.RawPublicKey)];
            return new VerifierKey(name, Log.VerifierKey.IdOf(name, blob), Log.VerifierKey.Cosignature, blob[1..]).ToString();
        }
    }

    /// <summary>Answers <c>add-checkpoint</c>: <c>old SIZE</c>, lines of a consistency proof, a blank line, the signed checkpoint.</summary>
    internal Answer AddCheckpoint(string request)
    {
        var end = request.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : request[..end].Split('\n');
        if (lines is not [['o', 'l', 'd', ' ', .. var said], .. var encoded] || !long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var old))
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

        if (checkpoint.Origin != log.Name)
            return new(404, "This witness does not know that log.\n");
        if (!checkpoint.IsSignedBy(log))
            return new(403, "The checkpoint's signature is not by the log's key.\n");

        lock (_one)
            return Sign(old, proof, checkpoint);
    }

    private Answer Sign(long old, byte[][] proof, SignedCheckpoint checkpoint)
    {
        var last = File.Exists(StateFile) ? SignedCheckpoint.Read(File.ReadAllText(StateFile)) : null;
        var size = last?.Size ?? 0;
        if (last is not null && checkpoint.Size == size && !checkpoint.Root.AsSpan().SequenceEqual(last.Root))
        {
            File.WriteAllText(Path.Combine(folder, $"evidence-{Convert.ToHexStringLower(SHA256.HashData(checkpoint.Root))[..16]}.txt"), last.Note + "\n" + checkpoint.Note);
            return new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), "text/x.tlog.size");
        }

        if (old != size)
            return new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), "text/x.tlog.size");
        if (checkpoint.Size < size)
            return new(400, "The checkpoint is smaller than the size it is said to follow.\n");
        if (size > 0 ? !Rfc6962.Continues(size, checkpoint.Size, last!.Root, checkpoint.Root, proof) : proof.Length > 0)
            return new(422, "The proof does not show that the log only grew.\n");

        // Remembered before it is answered: a witness never signs two futures of one past.
        var aside = StateFile + ".part";
        File.WriteAllText(aside, checkpoint.Note);
        File.Move(aside, StateFile, overwrite: true);
        return new(200, Cosign(checkpoint));
    }

    private string Cosign(SignedCheckpoint checkpoint)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds();
        byte[] publicKey = [Log.VerifierKey.Cosignature, .. key.PublicKey.Export(KeyBlobFormat.RawPublicKey)];
        var blob = new byte[4 + 8 + 64];
        BinaryPrimitives.WriteUInt32BigEndian(blob, Log.VerifierKey.IdOf(name, publicKey));
        BinaryPrimitives.WriteInt64BigEndian(blob.AsSpan(4), time);
        SignatureAlgorithm.Ed25519.Sign(key, Encoding.UTF8.GetBytes(checkpoint.CosignedText(time)), blob.AsSpan(12));
        return $"— {name} {Convert.ToBase64String(blob)}\n";
    }
}
