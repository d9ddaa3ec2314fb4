using Dapper;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// The transparency log under the load of paid answers: how long until an entry is covered by a signed checkpoint, and what the log costs. Without it
/// means that somebody else holds the sequencer's lock.
/// </summary>
internal static class LogLag
{
    private const int Workers = 8;

    internal static async Task Run(Bench bench)
    {
        var job = await bench.Market.Post(bench.Quick ? 20_000 : 100_000, 1);
        using var labelers = new Labelers(bench, job);
        var completions = new Completions(bench, labelers);
        var stretch = bench.Stretch * 2;
        var lags = new List<double>();

        await completions.Run(l => l.Work(Workers, bench.WarmUp, page: false));
        var compared = await bench.InTurn(
            () => Without(bench, completions, stretch),
            async () =>
            {
                var settled = await completions.Run(l => l.Work(Workers, stretch, page: false));
                lags.Add(await Lag(bench, settled.From));
                return settled.Sample;
            });
        bench.Report.AddRate("log-lag", "completions with the log", "completions/s", "without the log", compared, atLeast: 0.9);
        var lag = Compared.Median(lags);
        bench.Report.Add(new Line
        {
            Row = "log-lag",
            Case = "commit → covered by a checkpoint, full load",
            Figure = $"p95 {lag:0} ms",
            Goal = "< 1,000 ms",
            Met = lag < 1000,
        });
    }

    private static async Task<Sample> Without(Bench bench, Completions completions, TimeSpan stretch)
    {
        Sample sample;
        await using (var payment = await bench.Connect("payment"))
        {
            await payment.ExecuteAsync("select pg_advisory_lock(@Key)", new { Key = SequencerLock });
            sample = (await completions.Run(l => l.Work(Workers, stretch, page: false))).Sample;
        }

        await UntilCovered(bench);
        return sample;
    }

    /// <summary>Of entries after this one: 95 of 100 were covered within so many milliseconds of their commit.</summary>
    internal static async Task<double> Lag(Bench bench, long from)
    {
        await UntilCovered(bench);
        await using var payment = await bench.Connect("payment");
        return await payment.ExecuteScalarAsync<double>(SelectLag, new { From = from });
    }

    internal static async Task UntilCovered(Bench bench)
    {
        await using var payment = await bench.Connect("payment");
        await Completions.Until(
            async () => await payment.ExecuteScalarAsync<bool>(SelectCovered), "the log covers the ledger");
    }

    private static long SequencerLock => (long)typeof(Payment.Transparency.AppendLeaves)
        .GetField("SequencerLock", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetRawConstantValue()!;

    private const string SelectCovered = """
        select coalesce(max(size), 0) >= (select last_number from ledger_head)
        from log_checkpoint
        """;

    private const string SelectLag = """
        select percentile_disc(0.95) within group (order by lag_ms)
        from (
          select (extract(epoch from c.at - pg_xact_commit_timestamp(e.xmin)) * 1000)::float8 as lag_ms
          from entry e
          cross join lateral (
            select pg_xact_commit_timestamp(k.xmin) as at
            from log_checkpoint k
            where k.size >= e.number
            order by k.size
            limit 1) c
          where e.number > @From
        ) l
        """;
}
