using System.Numerics;

namespace Marketplace.Auditor.Log;

/// <summary>Computes proofs out of a log's tiles, a few for each: what they prove needs no trust in the tiles.</summary>
internal static class ReadProof
{
    private const int LevelsInTile = 8;

    /// <summary>The root that a tree of <paramref name="newer"/> leaves had at <paramref name="older"/>, and the consistency proof of it.</summary>
    internal static async Task<(byte[] OlderRoot, byte[][] Proof)> Consistency(LogClient log, long older, long newer, CancellationToken cancel)
    {
        var proof = new List<byte[]>();
        foreach (var (start, end) in Rfc6962.ConsistencyRanges(older, newer))
            proof.Add(await Root(log, start, end, newer, cancel));
        return (await Root(log, 0, older, newer, cancel), [.. proof]);
    }

    private static async Task<byte[]> Root(LogClient log, long start, long end, long size, CancellationToken cancel)
    {
        var count = end - start;
        if (BitOperations.IsPow2(count) && start % count == 0)
            return await Complete(log, BitOperations.Log2((ulong)count), start / count, size, cancel);

        var cut = start + Rfc6962.Cut(count);
        return Rfc6962.Node(await Root(log, start, cut, size, cancel), await Root(log, cut, end, size, cancel));
    }

    private static async Task<byte[]> Complete(LogClient log, int level, long index, long size, CancellationToken cancel)
    {
        var (tileLevel, within) = (level / LevelsInTile, level % LevelsInTile);
        var first = index << within;
        var tile = first / LogClient.TileWidth;
        var width = (int)Math.Min(LogClient.TileWidth, (size >> (tileLevel * LevelsInTile)) - (tile * LogClient.TileWidth));
        var hashes = await log.Hashes(tileLevel, tile, width, cancel);
        var from = (int)(first % LogClient.TileWidth) * Rfc6962.Size;
        return hashes.Length >= from + ((1 << within) * Rfc6962.Size)
            ? Rfc6962.RootOf(hashes.AsSpan(from, (1 << within) * Rfc6962.Size))
            : throw new FormatException("A tile of the log is shorter than its checkpoint says.");
    }
}
