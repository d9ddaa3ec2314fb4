using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;
using NSec.Cryptography;

namespace Marketplace.UnitTests.Transparency;

/// <summary>Receipts of the frozen leaves, in a log of their ten entries that a key made here has signed.</summary>
internal sealed class GivenReceipt : IDisposable
{
    internal const string Origin = "marketplace.test/ledger";
    internal const string Facts = "active=21000\nallowance-left=300000\nfirst-of-job=1\nunseen=0\nwall=21000\n";
    internal const string FactsOfNothing = "active=29999\nallowance-left=300000\nfirst-of-job=0\nunseen=5000\nwall=600000\n";
    internal static readonly byte[] Salt = [.. Enumerable.Repeat((byte)0x2a, 32)];

    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519);

    internal string LogKey => SignedNote.VerifierKey(Origin, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public void Dispose() => _key.Dispose();

    /// <summary>What opens the entry whose worker is known.</summary>
    internal static string Opening(string facts) =>
        "marketplace/receipt@v1\nworker 01980000-0000-7000-8000-00000000000c\nentry-key assignment:01980000-0000-7000-8000-00000000000d\n" +
        $"salt {Convert.ToBase64String(Salt)}\n{facts}\n";

    /// <summary>A leaf in the place that its number says, among others.</summary>
    internal string Of(byte[] leaf, long? at = null, int entries = 10)
    {
        var index = at ?? System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(leaf.AsSpan(1)) - 1;
        var leaves = Enumerable.Range(0, entries).Select(i => i == index ? leaf : [(byte)i]).ToList();
        var hashes = leaves.ConvertAll(l => Merkle.LeafHash(l));
        var proof = Merkle.InclusionPath(index, entries).Select(r => Root([.. hashes.Skip((int)r.Start).Take((int)(r.End - r.Start))]));
        var note = SignedNote.Sign(new Checkpoint(Origin, entries, Root([.. hashes])).Text, Origin, _key);
        return $"c2sp.org/tlog-proof@v1\nextra {Convert.ToBase64String(leaf)}\nindex {index}\n" + string.Concat(proof.Select(h => Convert.ToBase64String(h) + "\n")) + "\n" + note;
    }

    private static byte[] Root(byte[][] hashes)
    {
        if (hashes.Length == 1)
            return hashes[0];
        var cut = (int)Rfc6962.Cut(hashes.Length);
        return Rfc6962.Node(Root(hashes[..cut]), Root(hashes[cut..]));
    }
}
