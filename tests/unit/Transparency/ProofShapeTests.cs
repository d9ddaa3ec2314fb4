using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;

namespace Marketplace.UnitTests.Transparency;

/// <summary>
/// Both verifiers, the log's and the auditor's own, on what they must refuse: every proof that belongs to another leaf, another
/// size, another pair of trees.
/// </summary>
public sealed class ProofShapeTests
{
    private const int Most = 34;

    [Fact]
    public void The_two_verifiers_agree_on_every_proof_of_every_small_tree_held_against_every_index_and_size()
    {
        for (var size = 1; size <= Most; size++)
        {
            var tree = Tree(size);
            for (var index = 0; index < size; index += 3)
            {
                var proof = Inclusion(tree, index);
                for (var other = 0; other <= Most + 2; other++)
                {
                    Assert.Equal(other == index, Includes(other, size, tree[index], proof, Root(tree)));

                    // A path of the same turns is the same computation, whatever the size: the checkpoint says which it is.
                    Assert.Equal(index < other && SameTurns(index, size, other), Includes(index, other, tree[index], proof, Root(tree)));
                }
            }
        }
    }

    [Fact]
    public void A_consistency_proof_is_good_for_its_two_roots_in_their_order_alone()
    {
        for (var newer = 2; newer <= Most; newer++)
        {
            var tree = Tree(newer);
            for (var older = 1; older < newer; older++)
            {
                var (proof, before, after) = (Consistency(tree, older), Root(tree[..older]), Root(tree));
                Assert.True(Continues(older, newer, before, after, proof));
                Assert.False(Continues(older, newer, after, before, proof));
                Assert.False(Continues(newer, older, after, before, proof));
                Assert.False(Continues(older, newer, before, before, proof));
                Assert.False(Continues(older, newer, after, after, proof));
                for (var other = 1; other <= newer; other++)
                    Assert.Equal(other == older, Continues(other, newer, before, after, proof));
                Assert.False(Continues(0, newer, before, after, proof));
                Assert.False(Continues(older, newer, before, after, [.. proof, .. proof]));
            }
        }
    }

    [Fact]
    public void Nothing_is_shown_from_an_empty_tree()
    {
        Assert.False(Continues(0, 0, Merkle.EmptyRoot, Merkle.EmptyRoot, []));
        Assert.False(Continues(0, 1, Merkle.EmptyRoot, Root(Tree(1)), []));
        Assert.False(Includes(0, 0, Tree(1)[0], [], Merkle.EmptyRoot));
    }

    [Fact]
    public void The_auditor_computes_the_same_ranges_and_finds_the_older_root_of_a_fork_in_its_own_proof()
    {
        for (var newer = 2; newer <= Most; newer++)
        {
            var tree = Tree(newer);
            for (var older = 1; older < newer; older++)
            {
                Assert.Equal(Merkle.ConsistencyPath(older, newer).Select(r => (r.Start, r.End)), Rfc6962.ConsistencyRanges(older, newer));
                var found = Rfc6962.OlderRoot(older, newer, Root(tree), Consistency(tree, older));
                Assert.Equal(int.IsPow2(older) ? null : Root(tree[..older]), found);
                Assert.Null(Rfc6962.OlderRoot(older, newer, Tree(1)[0], Consistency(tree, older)));
            }
        }
    }

    private static bool Includes(long index, long size, byte[] leaf, byte[][] proof, byte[] root)
    {
        var found = Merkle.VerifyInclusion(index, size, leaf, proof, root);
        Assert.Equal(found, Rfc6962.Includes(index, size, leaf, proof, root));
        return found;
    }

    private static bool Continues(long older, long newer, byte[] before, byte[] after, byte[][] proof)
    {
        var found = Merkle.VerifyConsistency(older, newer, before, after, proof);
        Assert.Equal(found, Rfc6962.Continues(older, newer, before, after, proof));
        return found;
    }

    private static bool SameTurns(int index, int size, int other) => Turns(index, size).SequenceEqual(Turns(index, other));

    private static IEnumerable<bool> Turns(int index, int size) => Merkle.InclusionPath(index, size).Select(beside => beside.Start < index);

    private static byte[][] Tree(int size) => [.. Enumerable.Range(0, size).Select(i => Merkle.LeafHash(BitConverter.GetBytes(i)))];

    private static byte[] Root(byte[][] tree) => Merkle.Root(new(0, tree.Length), Nodes(tree));

    private static byte[][] Inclusion(byte[][] tree, int index) =>
        [.. Merkle.InclusionPath(index, tree.Length).Select(range => Merkle.Root(range, Nodes(tree)))];

    private static byte[][] Consistency(byte[][] tree, int older) =>
        [.. Merkle.ConsistencyPath(older, tree.Length).Select(range => Merkle.Root(range, Nodes(tree)))];

    private static Func<int, long, byte[]> Nodes(byte[][] tree) =>
        (level, index) => Merkle.Fold(tree[(int)(index << level)..(int)((index + 1) << level)]);
}
