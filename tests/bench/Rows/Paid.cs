using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// Answers submitted over HTTP until each is an entry of the ledger, against pgbench's TPC-B (an accounting transaction with nothing before it) and against
/// the messaging library alone.
/// </summary>
internal static class Paid
{
    private const int Workers = 8;
    private const double SlowPerSecond = 100;

    internal static async Task Run(Bench bench)
    {
        var job = await bench.Market.Post(bench.Quick ? 20_000 : 200_000, 1);
        using var labelers = new Labelers(bench, job);
        var completions = new Completions(bench, labelers);
        var bank = await Bank(bench);
        var stretch = bench.Stretch * 2;

        await bank(Workers, bench.WarmUp);
        await completions.Run(l => l.Work(Workers, bench.WarmUp, page: false));
        var middles = new List<double>();
        var compared = await bench.InTurn(() => bank(Workers, stretch), async () =>
        {
            var settled = await completions.Run(l => l.Work(Workers, stretch, page: false));
            middles.Add(settled.LagP50Ms);
            return settled.Sample;
        });
        bench.Report.AddRate("paid", "8 workers, full load", "completions/s", "TPC-B, 8 clients", compared, atLeast: 0.6, $"CPU ms: {compared.Own.CpuByProcess}");
        SayFullLoad(bench, compared, Compared.Median(middles));

        await AgainstMessages(bench, completions, stretch);

        var slow = await bench.Watch(async () => (await completions.Run(l => l.Pace(Workers, stretch, SlowPerSecond))).Sample);
        SayLag(bench, $"{slow.PerSecond:0}/s", slow.P95Ms, 50, "");
    }

    /// <summary>TPC-B in a database of its own.</summary>
    private static async Task<Func<int, TimeSpan, Task<Sample>>> Bank(Bench bench)
    {
        await using (var server = await bench.Connect("postgres"))
        {
            await Dapper.SqlMapper.ExecuteAsync(server, "drop database if exists bench_bank with (force)");
            await Dapper.SqlMapper.ExecuteAsync(server, "create database bench_bank");
        }

        return await bench.Pgbench.TpcB("bench_bank", scale: 20);
    }

    private static async Task AgainstMessages(Bench bench, Completions completions, TimeSpan stretch)
    {
        var messages = (int)(stretch.TotalSeconds * 2000);
        await BareMessages.Run(bench, 5_000);
        var compared = await bench.InTurn(
            () => BareMessages.Run(bench, messages),
            async () => (await completions.Run(l => l.Work(Workers, stretch, page: false))).Sample);
        bench.Report.AddRate("paid", "8 workers, full load", "completions/s", "bare publish → batch", compared);
    }

    private static void SayFullLoad(Bench bench, Compared compared, double middle)
    {
        var cpu = Compared.Median(compared.Ours.Select(s => s.ServerCpuMs));
        bench.Report.Add(new Line
        {
            Row = "paid",
            Case = "8 workers, full load",
            Figure = $"{cpu:0.00} ms of CPU a completion, all but the client",
            Goal = "≤ 2.0 ms",
            Met = cpu <= 2.0,
        });
        bench.Report.Add(new Line
        {
            Row = "paid",
            Case = "8 workers, full load",
            Figure = $"{compared.Own.PerSecond:#,0} completions/s",
            Goal = "≥ 800/s on a quiet machine",
            Met = compared.Own.PerSecond >= 800,
        });
        SayLag(bench, "full load", Compared.Median(compared.Ours.Select(s => s.P95Ms)), 250, $"p50 {middle:0} ms");
    }

    private static void SayLag(Bench bench, string @case, double lag, double goal, string note) => bench.Report.Add(new Line
    {
        Row = "paid",
        Case = $"lag, {@case}",
        Figure = $"p95 {lag:0} ms from the submit to the entry's commit",
        Goal = $"≤ {goal:0} ms",
        Met = lag <= goal,
        Note = note,
    });
}
