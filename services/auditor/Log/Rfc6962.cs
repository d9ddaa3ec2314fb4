using System.Security.Cryptography;

namespace Marketplace.Auditor.Log;

/// <summary>The hashes of RFC 6962 §2.1, and the two verifications of RFC 9162 §2.1.3.2 and §2.1.4.2. Written apart from the log's own code, on purpose.</summary>
internal static class Rfc6962
{
    internal const int Size = 32;

    internal static void HashLeaf(ReadOnlySpan<byte> leaf, Span<byte> to)
    {
        Span<byte> input = leaf.Length < 2048 ? stackalloc byte[leaf.Length + 1] : new byte[leaf.Length + 1];
        input[0] = 0;
        leaf.CopyTo(input[1..]);
        SHA256.HashData(input, to);
    }

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

        var path = (older & (older - 1)) == 0 ? [olderRoot, .. proof] : proof;
        if (path.Count == 0 || path.Any(h => h.Length != Size))
            return false;

        var (node, last) = (older - 1, newer - 1);
        while (node % 2 == 1)
            (node, last) = (node / 2, last / 2);

        var (first, second) = (path[0], path[0]);
        foreach (var beside in path.Skip(1))
        {
            if (last == 0)
                return false;

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

        return last == 0 && first.AsSpan().SequenceEqual(olderRoot) && second.AsSpan().SequenceEqual(newerRoot);
    }
}
