using System.Numerics;

namespace Marketplace.Auditor.Log;

/// <summary>A tree that only its right edge is kept of: complete subtrees, from the largest to the smallest, as leaves come in order.</summary>
internal sealed class GrowingTree
{
    private readonly Stack<byte[]> _edge = new();

    /// <summary>Leaves so far.</summary>
    internal long Size { get; private set; }

    /// <summary>Adds a complete subtree of 2^<paramref name="level"/> leaves; everything before it must be a multiple of that.</summary>
    internal void Add(byte[] root, int level)
    {
        if (Size % (1L << level) != 0)
            throw new InvalidOperationException("A subtree is added at a multiple of its own size.");

        var grown = Size + (1L << level);
        for (var rest = Size >> level; (rest & 1) == 1; rest >>= 1)
            root = Rfc6962.Node(_edge.Pop(), root);
        _edge.Push(root);
        Size = grown;
    }

    /// <summary>The root of what is there.</summary>
    internal byte[] Root()
    {
        if (Size == 0)
            return System.Security.Cryptography.SHA256.HashData([]);

        byte[]? root = null;
        foreach (var subtree in _edge)
            root = root is null ? subtree : Rfc6962.Node(subtree, root);
        return root!;
    }

    /// <summary>A copy that grows on its own.</summary>
    internal GrowingTree Copy()
    {
        var copy = new GrowingTree { Size = Size };
        foreach (var subtree in _edge.Reverse())
            copy._edge.Push(subtree);
        return copy;
    }

    public override string ToString() => $"{Size} leaves in {BitOperations.PopCount((ulong)Size)} subtrees";
}
