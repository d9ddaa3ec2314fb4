using Marketplace.Platform;

namespace Marketplace.Worker.Earnings;

/// <summary>What the cooperative owes a worker, as payment said; a larger version is newer.</summary>
internal sealed record Balance(Guid WorkerId, long BalanceMicros, long Version);

/// <summary>The balances heard of payment.</summary>
internal static class BalanceQueries
{
    /// <summary>Keeps the newest of each worker.</summary>
    internal static void Keep(IEnumerable<Balance> heard, RoundTrip writes)
    {
        var newest = heard.GroupBy(b => b.WorkerId).Select(g => g.MaxBy(b => b.Version)!).OrderBy(b => b.WorkerId).ToArray();
        writes.Add(UpsertBalances, new
        {
            WorkerIds = newest.Select(b => b.WorkerId).ToArray(),
            Balances = newest.Select(b => b.BalanceMicros).ToArray(),
            Versions = newest.Select(b => b.Version).ToArray(),
        });
    }

    private const string UpsertBalances = """
        insert into balance (worker_id, balance_micros, version)
        select worker_id, balance_micros, version
        from unnest(@WorkerIds, @Balances, @Versions) as heard (worker_id, balance_micros, version)
        on conflict (worker_id) do update
        set balance_micros = excluded.balance_micros,
            version = excluded.version
        where excluded.version > balance.version
        """;
}
