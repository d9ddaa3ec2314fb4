using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// A worker's loop as people do it, over HTTP and signed in, while payment is stopped: the submit that brings the next task, then that task's page.
/// Against pgbench running the statements of the same two transactions in a database of its own.
/// </summary>
internal static class Work
{
    private const int WarmUpWorkers = 8;
    private const string Baseline = "pgbench, the two transactions";
    internal static async Task Run(Bench bench)
    {
        var bySize = new Dictionary<(int Workers, int Tasks), Compared>();
        int[] together = bench.Quick ? [8] : [1, 8, 32];
        var scratch = new ScratchWorker(bench);
        await scratch.Make();
        foreach (var (tasks, wanted) in Sizes(bench))
        {
            var job = await bench.Market.Post(tasks, wanted);
            await scratch.Fill(tasks, wanted, workers: 20_000);
            await bench.Installation.Stop("payment");
            try
            {
                var statements = new LoopStatements(bench);
                using var labelers = new Labelers(bench, job);
                await statements.Run(WarmUpWorkers, bench.WarmUp);
                await labelers.Work(WarmUpWorkers, bench.WarmUp * 2);
                foreach (var workers in together)
                {
                    var compared = await bench.InTurn(() => statements.Run(workers, bench.Stretch), () => labelers.Work(workers, bench.Stretch));
                    bySize[(workers, tasks)] = compared;
                    Say(bench, tasks, workers, compared);
                }
            }
            finally
            {
                await bench.Installation.Start("payment");
            }
        }

        foreach (var workers in together)
            ClaimSql.Flat(bench, "work", $"{workers} workers", [.. bySize.Where(s => s.Key.Workers == workers).OrderBy(s => s.Key.Tasks).Select(s => s.Value.Own)]);
    }

    private static (int Tasks, int Wanted)[] Sizes(Bench bench) =>
        bench.Quick ? [(1_000, 60), (20_000, 2)] : [(1_000, 100), (100_000, 1), (1_000_000, 1)];

    private static void Say(Bench bench, int tasks, int workers, Compared compared)
    {
        var @case = $"{tasks:#,0} tasks, {workers} workers";
        bench.Report.AddRate("work", @case, "loops/s", Baseline, compared, atLeast: 0.4, $"CPU ms: {compared.Own.CpuByProcess}");
        if (workers != 8)
            return;

        var cpu = Compared.Median(compared.Ours.Select(s => s.ServerCpuMs));
        bench.Report.Add(new Line
        {
            Row = "work",
            Case = @case,
            Figure = $"{cpu:0.00} ms of server CPU a loop",
            Goal = "≤ 1.8 ms",
            Met = cpu <= 1.8,
        });
        bench.Report.Add(new Line
        {
            Row = "work",
            Case = @case,
            Figure = $"{compared.Own.PerSecond:#,0} loops/s",
            Goal = "≥ 800/s on a quiet machine",
            Met = compared.Own.PerSecond >= 800,
        });
    }
}
