using Dapper;

namespace Marketplace.Bench;

/// <summary>Which statements the database spent its time on, in a run with --profile.</summary>
internal static class Statistics
{
    internal static async Task Reset(Bench bench)
    {
        await using var server = await bench.Connect("postgres");
        await server.ExecuteAsync("create extension if not exists pg_stat_statements");
        await server.ExecuteAsync("select pg_stat_statements_reset()");
    }

    internal static async Task Print(Bench bench)
    {
        await using var server = await bench.Connect("postgres");
        foreach (var statement in await server.QueryAsync<Row>(SelectSlowest))
            Console.WriteLine($"{statement.TotalMs,9:0} ms {statement.Calls,8} × {statement.MeanMs,7:0.000} ms {statement.Buffers,7:0.0} buffers  {statement.Datname}: {statement.Query}");
    }

    private sealed record Row
    {
        public required string Datname { get; init; }
        public required long Calls { get; init; }
        public required double TotalMs { get; init; }
        public required double MeanMs { get; init; }
        public required double Buffers { get; init; }
        public required string Query { get; init; }
    }

    private const string SelectSlowest = """
        select
          d.datname::text as datname,
          s.calls,
          s.total_exec_time as total_ms,
          s.mean_exec_time as mean_ms,
          ((s.shared_blks_hit + s.shared_blks_read)::float8 / s.calls) as buffers,
          left(regexp_replace(s.query, '\s+', ' ', 'g'), 110) as query
        from pg_stat_statements s
        join pg_database d on d.oid = s.dbid
        order by s.total_exec_time desc
        limit 40
        """;
}
