using Dapper;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Hashes of the log's tree out of its stored tiles. The computation is run twice: once to see which tiles it touches, and,
/// with those read in one statement, once for the result.
/// </summary>
internal static class ReadTiles
{
    private const int LevelsInTile = 8;

    /// <summary>The hashes of these ranges; none may reach beyond what is stored.</summary>
    internal static async Task<byte[][]> Roots(
        IReadOnlyList<LeafRange> ranges, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel)
    {
        var touched = new HashSet<(int Level, long Index)>();
        foreach (var range in ranges)
        {
            Merkle.Root(range, (level, index) =>
            {
                var (tileLevel, first, count) = Stored(level, index);
                for (var i = 0L; i < count; i++)
                    touched.Add((tileLevel, first + i));
                return Merkle.EmptyRoot;
            });
        }

        var row = new { Levels = touched.Select(t => (short)t.Level).ToArray(), Indexes = touched.Select(t => t.Index).ToArray() };
        var hashes = (await connection.QueryAsync<Node>(new CommandDefinition(SelectNodes, row, transaction, cancellationToken: cancel)))
            .ToDictionary(n => ((int)n.Level, n.Index), n => n.Hash);

        return [.. ranges.Select(range => Merkle.Root(range, (level, index) =>
        {
            var (tileLevel, first, count) = Stored(level, index);
            return Merkle.Fold([.. Enumerable.Range(0, count).Select(i => hashes[(tileLevel, first + i)])]);
        }))];
    }

    /// <summary>The nodes <paramref name="first"/> up to <paramref name="end"/> of a level, each out of its 256 children one level below.</summary>
    internal static async Task<byte[][]> Completed(int level, long first, long end, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var row = new { Level = (short)(level - 1), First = first * TilePath.Full, End = end * TilePath.Full };
        var children = await transaction.Connection!.QueryAsync<byte[]>(
            new CommandDefinition(SelectLevel, row, transaction, cancellationToken: cancel));
        return [.. children.Chunk(TilePath.Full).Select(Merkle.Fold)];
    }

    /// <summary>The hashes of a level from <paramref name="first"/> up to <paramref name="end"/>, as far as they are there.</summary>
    internal static async Task<byte[][]> Level(int level, long first, long end, NpgsqlConnection connection, CancellationToken cancel) =>
        [.. await connection.QueryAsync<byte[]>(
            new CommandDefinition(SelectLevel, new { Level = (short)level, First = first, End = end }, cancellationToken: cancel))];

    private static (int TileLevel, long First, int Count) Stored(int level, long index)
    {
        var within = level % LevelsInTile;
        return (level / LevelsInTile, index << within, 1 << within);
    }

    private sealed record Node
    {
        public required short Level { get; init; }
        public required long Index { get; init; }
        public required byte[] Hash { get; init; }
    }

    // By the primary key.
    private const string SelectNodes = """
        select n.level, n.index, n.hash
        from unnest(@Levels::smallint[], @Indexes::bigint[]) as wanted (level, index)
        join log_node n on n.level = wanted.level and n.index = wanted.index
        """;

    // A range of the primary key.
    private const string SelectLevel = """
        select hash
        from log_node
        where level = @Level and index >= @First and index < @End
        order by index
        """;
}
