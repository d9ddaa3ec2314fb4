using System.Numerics;
using System.Security.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>Leaves <see cref="Start"/> up to but not including <see cref="End"/>: D[start:end] of RFC 6962.</summary>
internal readonly record struct LeafRange(long Start, long End)
{
    internal long Count => End - Start;
}

/// <summary>
/// The Merkle tree of RFC 6962 §2.1 (the same in RFC 9162): SHA-256, leaves under prefix 0x00, nodes under 0x01. Which
/// subtrees a proof is made of is computed here; where their hashes come from is the caller's.
/// </summary>
internal static class Merkle
{
    internal const int HashBytes = 32;

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    internal static readonly byte[] EmptyRoot = SHA256.HashData([]);

    /// <summary>SHA-256(0x00 ‖ leaf).</summary>
    internal static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(leaf);
        return hash.GetHashAndReset();
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    internal static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * HashBytes)];
        input[0] = 0x01;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + HashBytes)..]);
        return SHA256.HashData(input);
    }

    /// <summary>PATH(m, D[n]): the subtrees beside the way from leaf <paramref name="index"/> (from 0) to the root, from the leaf up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such leaf.</exception>
    internal static IReadOnlyList<LeafRange> InclusionPath(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);

        var path = new List<LeafRange>();
        var tree = new LeafRange(0, size);
        while (tree.Count > 1)
        {
            var (left, right) = Split(tree);
            var inLeft = index < left.End;
            path.Add(inLeft ? right : left);
            tree = inLeft ? left : right;
        }

        path.Reverse();
        return path;
    }

    /// <summary>PROOF(m, D[n]): the subtrees that lead from the root of the first <paramref name="older"/> leaves to that of all <paramref name="newer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A proof is between a tree of at least one leaf and one that is no smaller.</exception>
    internal static IReadOnlyList<LeafRange> ConsistencyPath(long older, long newer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(older, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(older, newer);

        var path = new List<LeafRange>();
        var tree = new LeafRange(0, newer);
        var whole = true;
        while (tree.End != older)
        {
            var (left, right) = Split(tree);
            if (older <= left.End)
            {
                path.Add(right);
                tree = left;
            }
            else
            {
                path.Add(left);
                tree = right;
                whole = false;
            }
        }

        // The older root itself is known to whoever asks.
        if (!whole)
            path.Add(tree);
        path.Reverse();
        return path;
    }

    /// <summary>MTH(D[range]) out of the hashes of complete subtrees: <paramref name="node"/> is given a level (0: leaves) and an index in it.</summary>
    internal static byte[] Root(LeafRange range, Func<int, long, byte[]> node)
    {
        if (range.Count == 0)
            return EmptyRoot;
        if (BitOperations.IsPow2(range.Count))
        {
            var level = BitOperations.Log2((ulong)range.Count);
            return node(level, range.Start >> level);
        }

        var (left, right) = Split(range);
        return NodeHash(Root(left, node), Root(right, node));
    }

    /// <summary>The root of a complete tree over these hashes, whose number is a power of two.</summary>
    internal static byte[] Fold(byte[][] hashes)
    {
        while (hashes.Length > 1)
            hashes = [.. hashes.Chunk(2).Select(pair => NodeHash(pair[0], pair[1]))];
        return hashes[0];
    }

    /// <summary>Whether <paramref name="proof"/> leads from a leaf to the root (RFC 9162 §2.1.3.2).</summary>
    internal static bool VerifyInclusion(long index, long size, byte[] leafHash, IReadOnlyList<byte[]> proof, byte[] root)
    {
        if (index < 0 || index >= size || proof.Any(h => h.Length != HashBytes))
            return false;

        var (fn, sn) = (index, size - 1);
        var hash = leafHash;
        foreach (var sibling in proof)
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                hash = NodeHash(sibling, hash);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && hash.AsSpan().SequenceEqual(root);
    }

    /// <summary>Whether <paramref name="proof"/> shows that the newer tree only added to the older (RFC 9162 §2.1.4.2). Nothing is consistent with an empty tree but by definition, so that is refused.</summary>
    internal static bool VerifyConsistency(long older, long newer, byte[] olderRoot, byte[] newerRoot, IReadOnlyList<byte[]> proof)
    {
        if (older < 1 || older > newer || proof.Any(h => h.Length != HashBytes))
            return false;
        if (older == newer)
            return proof.Count == 0 && olderRoot.AsSpan().SequenceEqual(newerRoot);

        byte[][] path = BitOperations.IsPow2(older) ? [olderRoot, .. proof] : [.. proof];
        if (path.Length == 0)
            return false;

        var (fn, sn) = (older - 1, newer - 1);
        while ((fn & 1) == 1)
            (fn, sn) = (fn >> 1, sn >> 1);

        var (fr, sr) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                fr = NodeHash(sibling, fr);
                sr = NodeHash(sibling, sr);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                sr = NodeHash(sr, sibling);
            }

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        return sn == 0 && fr.AsSpan().SequenceEqual(olderRoot) && sr.AsSpan().SequenceEqual(newerRoot);
    }

    /// <summary>Cuts a tree of more than one leaf at the largest power of two below its size.</summary>
    private static (LeafRange Left, LeafRange Right) Split(LeafRange tree)
    {
        var k = 1L << BitOperations.Log2((ulong)(tree.Count - 1));
        return (tree with { End = tree.Start + k }, tree with { Start = tree.Start + k });
    }
}
