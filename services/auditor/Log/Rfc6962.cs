using System.Security.Cryptography;

namespace Marketplace.Auditor.Log;

/// <summary>The hashes of RFC 6962 §2.1, and the two verifications of RFC 9162 §2.1.3.2 and §2.1.4.2. Written apart from the log's own code, on purpose.</summary>
internal static class Rfc6962
{
    internal const int Size = 32;

    /// <summary>SHA-256(0x00 ‖ leaf).</summary>
    internal static void HashLeaf(ReadOnlySpan<byte> leaf, Span<byte> to) => Hash([0, .. leaf], to);

    /// <summary>SHA-256, of bytes that begin with their prefix.</summary>
    internal static void Hash(ReadOnlySpan<byte> prefixed, Span<byte> to) => SHA256.HashData(prefixed, to);

    internal static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> to)
    {
        Span<byte> input = stackalloc byte[1 + Size + Size];
        input[0] = 1;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Size)..]);
        SHA256.HashData(input, to);
    }

    internal static byte[] Node(byte[] left, byte[] right)
    {
        var to = new byte[Size];
        HashNode(left, right, to);
        return to;
    }

    /// <summary>The root over these hashes laid end to end (MTH of the leaves or subtrees they stand for), computed in place.</summary>
    internal static byte[] RootOf(Span<byte> hashes)
    {
        var count = hashes.Length / Size;
        while (count > 1)
        {
            var pairs = count / 2;
            for (var i = 0; i < pairs; i++)
                HashNode(hashes.Slice(2 * i * Size, Size), hashes.Slice(((2 * i) + 1) * Size, Size), hashes.Slice(i * Size, Size));

            // An odd one out goes up a level as it is: it is the right edge of the tree.
            if (count % 2 == 1)
                hashes.Slice((count - 1) * Size, Size).CopyTo(hashes[(pairs * Size)..]);
            count = pairs + (count % 2);
        }

        return hashes[..Size].ToArray();
    }

    /// <summary>Whether the proof leads from a leaf's hash at an index to the root of a tree of this size.</summary>
    internal static bool Includes(long index, long size, byte[] leafHash, IReadOnlyList<byte[]> proof, byte[] root)
    {
        if (index < 0 || index >= size)
            return false;

        var (node, last, hash) = (index, size - 1, leafHash);
        foreach (var beside in proof)
        {
            if (last == 0 || beside.Length != Size)
                return false;

            if (node % 2 == 1 || node == last)
            {
                hash = Node(beside, hash);
                while (node % 2 == 0 && node != 0)
                    (node, last) = (node / 2, last / 2);
            }
            else
            {
                hash = Node(hash, beside);
            }

            (node, last) = (node / 2, last / 2);
        }

        return last == 0 && hash.AsSpan().SequenceEqual(root);
    }

    /// <summary>Whether the proof shows that a tree of <paramref name="older"/> leaves is the beginning of one of <paramref name="newer"/>. From an empty tree nothing is shown.</summary>
    internal static bool Continues(long older, long newer, byte[] olderRoot, byte[] newerRoot, IReadOnlyList<byte[]> proof)
    {
        if (older < 1 || older > newer)
            return false;
        if (older == newer)
            return proof.Count == 0 && olderRoot.AsSpan().SequenceEqual(newerRoot);

        return Roots(older, newer, (older & (older - 1)) == 0 ? [olderRoot, .. proof] : proof) is var (first, second)
            && first.AsSpan().SequenceEqual(olderRoot) && second.AsSpan().SequenceEqual(newerRoot);
    }

    /// <summary>
    /// The root that the newer tree has at the older size, out of a proof that leads to the newer root; null where it does not, or
    /// where the older size is a power of two, because then the proof leaves that root out.
    /// </summary>
    internal static byte[]? OlderRoot(long older, long newer, byte[] newerRoot, IReadOnlyList<byte[]> proof) =>
        older > 0 && older < newer && (older & (older - 1)) != 0
            && Roots(older, newer, proof) is var (first, second) && second.AsSpan().SequenceEqual(newerRoot)
            ? first
            : null;

    /// <summary>The subtrees that a consistency proof is made of (PROOF of RFC 6962 §2.1.2), each from its first leaf up to its end.</summary>
    internal static IReadOnlyList<(long Start, long End)> ConsistencyRanges(long older, long newer)
    {
        var ranges = new Stack<(long, long)>();
        var (start, end, whole) = (0L, newer, true);
        while (end != older)
        {
            var cut = start + Cut(end - start);
            if (older <= cut)
            {
                ranges.Push((cut, end));
                end = cut;
            }
            else
            {
                ranges.Push((start, cut));
                (start, whole) = (cut, false);
            }
        }

        return whole ? [.. ranges] : [(start, end), .. ranges];
    }

    /// <summary>The largest power of two below a number of leaves, of which there are two or more.</summary>
    internal static long Cut(long count) => 1L << System.Numerics.BitOperations.Log2((ulong)(count - 1));

    private static (byte[] First, byte[] Second)? Roots(long older, long newer, IReadOnlyList<byte[]> path)
    {
        if (path.Count == 0 || path.Any(h => h.Length != Size))
            return null;

        var (node, last) = (older - 1, newer - 1);
        while (node % 2 == 1)
            (node, last) = (node / 2, last / 2);

        var (first, second) = (path[0], path[0]);
        foreach (var beside in path.Skip(1))
        {
            if (last == 0)
                return null;

            if (node % 2 == 1 || node == last)
            {
                (first, second) = (Node(beside, first), Node(beside, second));
                while (node % 2 == 0 && node != 0)
                    (node, last) = (node / 2, last / 2);
            }
            else
            {
                second = Node(second, beside);
            }

            (node, last) = (node / 2, last / 2);
        }

        return last == 0 ? (first, second) : null;
    }
}
