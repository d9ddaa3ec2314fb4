using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;
using NSec.Cryptography;

namespace Marketplace.UnitTests.Transparency;

/// <summary>A file that shows a fork stands alone, and cannot be made without the log's key.</summary>
public sealed class EvidenceTests : IDisposable
{
    private const string Origin = "marketplace.test/ledger";
    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519);

    private VerifierKey LogKey => VerifierKey.Of(Origin, VerifierKey.Plain, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 9)]
    [InlineData(8, 9)]
    [InlineData(1, 2)]
    public void Two_histories_are_proven_by_the_file_alone(int older, int newer)
    {
        var file = Fork(older, newer).ToText();
        var read = ForkEvidence.Parse(file);
        Assert.Equal(file, read.ToText());
        Assert.True(read.Judge([LogKey]).Proven, read.Judge([LogKey]).Why);
    }

    [Fact]
    public void An_honest_log_is_not_accused()
    {
        var (tree, grown) = (Tree(5), Tree(9));
        Assert.False((Fork(5, 9) with { Older = Signed(tree), Newer = Signed(grown), OlderRootInNewer = Root(tree), Proof = Consistency(grown, 5) }).Judge([LogKey]).Proven);
        Assert.False((Fork(5, 5) with { Newer = Signed(tree), Older = Signed(tree) }).Judge([LogKey]).Proven);
        Assert.Null((Fork(5, 9) with { Older = Signed(tree), Newer = Signed(grown), OlderRootInNewer = null, Proof = [] }).Judge([LogKey]).Proven);

        // A root or a proof made up leads nowhere.
        Assert.False((Fork(5, 9) with { Older = Signed(tree), Newer = Signed(grown), OlderRootInNewer = new byte[32], Proof = Consistency(grown, 5) }).Judge([LogKey]).Proven);
        Assert.False((Fork(5, 9) with { Proof = [] }).Judge([LogKey]).Proven);
        Assert.False((Fork(8, 9) with { OlderRootInNewer = new byte[32] }).Judge([LogKey]).Proven);
    }

    [Fact]
    public void Without_the_logs_signature_on_both_nothing_is_proven()
    {
        using var stranger = Key.Create(SignatureAlgorithm.Ed25519);
        var evidence = Fork(5, 5);
        var forged = SignedCheckpoint.Read(SignedNote.Sign(evidence.Newer.Note.Text, Origin, stranger));
        Assert.False((evidence with { Newer = forged }).Judge([LogKey]).Proven);
        Assert.False((evidence with { Older = forged }).Judge([LogKey]).Proven);
        Assert.False(evidence.Judge([VerifierKey.Of(Origin, VerifierKey.Plain, stranger.PublicKey.Export(KeyBlobFormat.RawPublicKey))]).Proven);
        Assert.False(evidence.Judge([]).Proven);
    }

    [Theory]
    [InlineData("")]
    [InlineData("marketplace/log-evidence@v1\n\na\n\nb\n\nc\n\nd")]
    [InlineData("marketplace/log-evidence@v2\n\n")]
    public void What_is_no_evidence_is_not_read_as_such(string text) => Assert.Throws<FormatException>(() => ForkEvidence.Parse(text));

    private ForkEvidence Fork(int older, int newer)
    {
        var other = Tree(newer);
        other[0] = Merkle.LeafHash("another"u8);
        return new(
            [LogKey],
            Signed(Tree(older)),
            Signed(other),
            older == newer ? null : Root(other[..older]),
            older == newer ? [] : Consistency(other, older));
    }

    private SignedCheckpoint Signed(byte[][] tree) => SignedCheckpoint.Read(SignedNote.Sign(new Checkpoint(Origin, tree.Length, Root(tree)).Text, Origin, _key));

    private static byte[][] Tree(int size) => [.. Enumerable.Range(0, size).Select(i => Merkle.LeafHash(BitConverter.GetBytes(i)))];

    private static byte[] Root(byte[][] tree) => Merkle.Root(new(0, tree.Length), Nodes(tree));

    private static byte[][] Consistency(byte[][] tree, int older) =>
        [.. Merkle.ConsistencyPath(older, tree.Length).Select(range => Merkle.Root(range, Nodes(tree)))];

    private static Func<int, long, byte[]> Nodes(byte[][] tree) =>
        (level, index) => Merkle.Fold(tree[(int)(index << level)..(int)((index + 1) << level)]);
}
