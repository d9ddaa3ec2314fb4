using NSec.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// The keys that sign checkpoints, the one in force first, and the log's name. There is a second one only while the log is
/// handed over: then every checkpoint carries both signatures, so that who knows only one of them can go on.
/// </summary>
internal sealed class LogKeys(string origin, Key inForce, Key? old) : IDisposable
{
    private readonly Key[] _all = old is null ? [inForce] : [inForce, old];

    internal string Origin => origin;

    /// <summary>The verifier key of the one in force.</summary>
    internal string VerifierKey => KeyOf(inForce);

    /// <summary>The old key's word for the new one; null where none is handed over.</summary>
    internal KeyHandover? Handover => old is null ? null : KeyHandover.Sign(origin, (KeyOf(old), old), (KeyOf(inForce), inForce));

    internal string Sign(Checkpoint checkpoint) => SignedNote.Sign(checkpoint.Text, origin, _all);

    /// <summary>
    /// A checkpoint's note as it is shown. The last one before a change of keys stays the newest until something is booked, and
    /// who knows only the new key must be able to check it too. What the old key did not sign is not signed either.
    /// </summary>
    internal string AlsoSign(string note) =>
        old is not null && SignedNote.Open(note, origin, PublicKey(old)) is not null ? SignedNote.AlsoSign(note, origin, inForce) : note;

    public void Dispose() => Array.ForEach(_all, key => key.Dispose());

    private string KeyOf(Key key) => SignedNote.VerifierKey(origin, PublicKey(key));

    private static byte[] PublicKey(Key key) => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
}

/// <summary>One key of the log names the next: a note that both have signed. Its second line keeps it from being read as a checkpoint.</summary>
internal sealed record KeyHandover(string OldKey, string NewKey, string Note)
{
    internal const string Heading = "key hand-over v1";

    internal static KeyHandover Sign(string origin, (string Name, Key Key) old, (string Name, Key Key) next) =>
        new(old.Name, next.Name, SignedNote.Sign($"{origin}\n{Heading}\n{old.Name}\n{next.Name}\n", origin, old.Key, next.Key));
}
