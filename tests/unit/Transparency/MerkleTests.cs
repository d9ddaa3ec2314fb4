using Marketplace.Payment.Transparency;

namespace Marketplace.UnitTests.Transparency;

public sealed class MerkleTests
{
    /// <summary>The leaves and roots that implementations of RFC 6962 have published as test vectors since 2013.</summary>
    private static readonly byte[][] Leaves =
        [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(Convert.FromHexString)];

    public static TheoryData<int, string> PublishedRoots => new()
    {
        { 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { 1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
        { 2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
        { 3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
        { 4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
        { 5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
        { 6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
        { 7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
        { 8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
    };

    [Theory]
    [MemberData(nameof(PublishedRoots))]
    public void The_published_roots_come_out(int size, string root) =>
        Assert.Equal(root, Convert.ToHexStringLower(RootOf([.. Leaves.Take(size).Select(l => Merkle.LeafHash(l))])));

    [Fact]
    public void Every_leaf_of_every_tree_up_to_eighty_has_a_proof_that_verifies_and_is_no_longer_than_the_tree_is_high()
    {
        for (var size = 1; size <= 80; size++)
        {
            var tree = Tree(size);
            for (var index = 0; index < size; index++)
            {
                var proof = Inclusion(tree, index);
                Assert.True(Merkle.VerifyInclusion(index, size, tree[index], proof, RootOf(tree)));
                Assert.True(proof.Length <= 7);
            }
        }
    }

    [Fact]
    public void Every_two_sizes_up_to_eighty_have_a_consistency_proof_that_verifies()
    {
        for (var newer = 1; newer <= 80; newer++)
        {
            var tree = Tree(newer);
            for (var older = 1; older <= newer; older++)
                Assert.True(Merkle.VerifyConsistency(older, newer, RootOf(tree[..older]), RootOf(tree), Consistency(tree, older)));
        }
    }

    [Fact]
    public void A_consistency_proof_from_nothing_to_nothing_is_refused()
    {
        Assert.False(Merkle.VerifyConsistency(0, 0, Merkle.EmptyRoot, Merkle.EmptyRoot, []));
        Assert.False(Merkle.VerifyConsistency(0, 3, Merkle.EmptyRoot, RootOf(Tree(3)), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Merkle.ConsistencyPath(0, 0));
    }

    [Fact]
    public void An_inclusion_proof_with_any_bit_flipped_or_any_part_missing_added_or_swapped_is_refused()
    {
        foreach (var (size, index) in new[] { (1, 0), (2, 1), (7, 3), (8, 5), (13, 12), (64, 17), (71, 70) })
        {
            var (tree, root) = (Tree(size), RootOf(Tree(size)));
            var proof = Inclusion(tree, index);

            foreach (var spoiled in Spoiled(proof))
                Assert.False(Merkle.VerifyInclusion(index, size, tree[index], spoiled, root));
            foreach (var flipped in Flips(root))
                Assert.False(Merkle.VerifyInclusion(index, size, tree[index], proof, flipped));
            foreach (var flipped in Flips(tree[index]))
                Assert.False(Merkle.VerifyInclusion(index, size, flipped, proof, root));
            for (var other = -1; other <= size; other++)
                Assert.Equal(other == index, Merkle.VerifyInclusion(other, size, tree[index], proof, root));
            Assert.False(Merkle.VerifyInclusion(index, 4 * size, tree[index], proof, root));
            Assert.False(Merkle.VerifyInclusion(index, 0, tree[index], proof, root));
        }
    }

    [Fact]
    public void A_consistency_proof_with_any_bit_flipped_or_any_part_missing_added_or_swapped_is_refused()
    {
        foreach (var (older, newer) in new[] { (1, 2), (3, 7), (4, 8), (6, 8), (7, 7), (8, 13), (33, 64), (64, 71) })
        {
            var tree = Tree(newer);
            var (before, after) = (RootOf(tree[..older]), RootOf(tree));
            var proof = Consistency(tree, older);

            foreach (var spoiled in Spoiled(proof))
                Assert.False(Merkle.VerifyConsistency(older, newer, before, after, spoiled));
            foreach (var flipped in Flips(before))
                Assert.False(Merkle.VerifyConsistency(older, newer, flipped, after, proof));
            foreach (var flipped in Flips(after))
                Assert.False(Merkle.VerifyConsistency(older, newer, before, flipped, proof));
            Assert.False(Merkle.VerifyConsistency(newer + 1, newer, before, after, proof));
            Assert.False(Merkle.VerifyConsistency(older, 4 * newer, before, after, proof));
        }
    }

    [Fact]
    public void A_history_with_one_leaf_rewritten_is_never_consistent_with_the_one_before() =>
        Gen.Int[2, 60].SelectMany(newer => Gen.Select(Gen.Const(newer), Gen.Int[1, newer], Gen.Int[0, newer - 1])).Sample((newer, older, changed) =>
        {
            var tree = Tree(newer);
            var before = RootOf(tree[..older]);
            tree[changed] = Merkle.LeafHash("another"u8);
            return changed >= older == Merkle.VerifyConsistency(older, newer, before, RootOf(tree), Consistency(tree, older));
        });

    private static byte[][] Tree(int size) => [.. Enumerable.Range(0, size).Select(i => Merkle.LeafHash(BitConverter.GetBytes(i)))];

    private static byte[] RootOf(byte[][] leaves) => Merkle.Root(new(0, leaves.Length), Nodes(leaves));

    private static byte[][] Inclusion(byte[][] leaves, int index) =>
        [.. Merkle.InclusionPath(index, leaves.Length).Select(range => Merkle.Root(range, Nodes(leaves)))];

    private static byte[][] Consistency(byte[][] leaves, int older) =>
        [.. Merkle.ConsistencyPath(older, leaves.Length).Select(range => Merkle.Root(range, Nodes(leaves)))];

    private static Func<int, long, byte[]> Nodes(byte[][] leaves) =>
        (level, index) => Merkle.Fold(leaves[(int)(index << level)..(int)((index + 1) << level)]);

    private static IEnumerable<byte[][]> Spoiled(byte[][] proof)
    {
        yield return [.. proof, new byte[Merkle.HashBytes]];
        yield return [new byte[Merkle.HashBytes], .. proof];
        for (var i = 0; i < proof.Length; i++)
        {
            yield return [.. proof[..i], .. proof[(i + 1)..]];
            yield return [.. proof[..i], proof[i][..31], .. proof[(i + 1)..]];
            foreach (var flipped in Flips(proof[i]))
                yield return [.. proof[..i], flipped, .. proof[(i + 1)..]];
            if (i > 0)
                yield return [.. proof[..(i - 1)], proof[i], proof[i - 1], .. proof[(i + 1)..]];
        }
    }

    private static IEnumerable<byte[]> Flips(byte[] hash)
    {
        for (var bit = 0; bit < 8 * hash.Length; bit++)
        {
            var flipped = (byte[])hash.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }
}
