using Dapper;
using Npgsql;

namespace Marketplace.Bench.Load;

/// <summary>Answers that go the whole way: from the worker's submit to the ledger entry, and what that took, told by the database's own commit times.</summary>
internal sealed class Completions(Bench bench, Labelers labelers)
{
    /// <summary>What a stretch of submits became.</summary>
    /// <param name="Sample">All of them, from the first submit to the commit of the last entry; P95 is the lag from a submit's arrival to its entry's commit.</param>
    /// <param name="LagP50Ms">The middle lag.</param>
    /// <param name="From">The ledger's last entry before.</param>
    internal sealed record Settled(Sample Sample, double LagP50Ms, long From);

    internal async Task<Settled> Run(Func<Labelers, Task<Sample>> work)
    {
        await using var payment = await bench.Connect("payment");
        var from = await LastEntry(payment);
        var began = TimeProvider.System.GetTimestamp();
        var submitted = await work(labelers);
        await Until(async () => await LastEntry(payment) >= from + submitted.Operations, "every answer is in the ledger");
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var lag = await payment.QuerySingleAsync<LagRow>(SelectLag, new { From = from });
        await UntilTold();
        return new Settled(new Sample(submitted.Operations, seconds, lag.P95Ms), lag.P50Ms, from);
    }

    /// <summary>Waits until payment's answers have come back to the worker service, so that their cost is counted too.</summary>
    internal async Task UntilTold()
    {
        await using var worker = await bench.Connect("worker");
        await Until(async () => !await worker.ExecuteScalarAsync<bool>(AnyUnpaid), "every worker has heard of the pay");
    }

    internal static Task<long> LastEntry(NpgsqlConnection payment) => payment.ExecuteScalarAsync<long>("select last_number from ledger_head");

    internal static async Task Until(Func<Task<bool>> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(5))
                throw new InvalidOperationException($"Five minutes were not enough until {what}.");
            await Task.Delay(10);
        }
    }

    private sealed record LagRow
    {
        public required double P50Ms { get; init; }
        public required double P95Ms { get; init; }
    }

    private const string SelectLag = """
        select
          percentile_disc(0.5) within group (order by lag_ms) as p50_ms,
          percentile_disc(0.95) within group (order by lag_ms) as p95_ms
        from (
          select (extract(epoch from pg_xact_commit_timestamp(e.xmin) - s.ended_at) * 1000)::float8 as lag_ms
          from entry e
          join settlement s on s.entry_number = e.number
          where e.number > @From
        ) l
        """;

    private const string AnyUnpaid = """
        select exists (select 1 from assignment_end where entry_number is null)
        """;
}
