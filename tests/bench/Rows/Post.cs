using System.Globalization;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>A requester's CSV until every task of it can be claimed, against COPY of the same rows into the worker's table.</summary>
internal static class Post
{
    internal static async Task Run(Bench bench)
    {
        var tasks = bench.Quick ? 50_000 : 1_000_000;
        var scratch = new ScratchWorker(bench);
        await scratch.Make();
        using var csv = new MemoryStream();
        Market.WriteCsv(csv, tasks);
        foreach (var name in new[] { "requester", "worker", "payment", "gateway" })
            bench.Machine.ForgetPeak(name);

        var (file, steps) = (Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():n}.copy"), new List<int>());
        try
        {
            // The rows are those of a first job, which also warms the services up.
            await CopyOut(bench, await Once(bench, csv, tasks, []), file);
            var compared = await bench.InTurn(
                () => Copy(bench, scratch, tasks, file),
                async () =>
                {
                    var progress = new List<long>();
                    var began = TimeProvider.System.GetTimestamp();
                    await Once(bench, csv, tasks, progress);
                    steps.Add(progress.Distinct().Count());
                    return new Sample(tasks, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
                });
            Say(bench, tasks, csv.Length, compared, steps.Min());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<Guid> Once(Bench bench, MemoryStream csv, int tasks, List<long> progress)
    {
        var job = await bench.Market.Draft(wanted: 1);
        using var body = new MemoryStream(csv.GetBuffer(), 0, (int)csv.Length);
        await bench.Market.Upload(job, body);
        await bench.Market.Start(job, tasks);
        await bench.Market.Claimable(job, tasks, progress.Add);
        return job;
    }

    private static async Task<Sample> Copy(Bench bench, ScratchWorker scratch, int tasks, string file)
    {
        await scratch.Fill(0, 1, workers: 1);
        var began = TimeProvider.System.GetTimestamp();
        await bench.Pgbench.Psql(ScratchWorker.Name, $"\\copy task (job_id, number, is_open, open, unopened, wanted, input) from '{file}'");
        return new Sample(tasks, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static Task<long> CopyOut(Bench bench, Guid job, string file) => bench.Pgbench.Psql("worker", string.Create(CultureInfo.InvariantCulture,
        $"\\copy (select '{ScratchWorker.Job}', number, is_open, open, unopened, wanted, input from task where job_id = '{job}') to '{file}'"));

    private static void Say(Bench bench, int tasks, long bytes, Compared compared, int steps)
    {
        var times = compared.Ratio(s => s.Seconds);
        bench.Report.Add(new Line
        {
            Row = "post",
            Case = $"{tasks:#,0} tasks from a CSV of {bytes / 1e6:0} MB to claimable",
            Figure = $"{compared.Own.Seconds:0.0} s",
            Baseline = $"psql, COPY of the same rows: {compared.Theirs.Seconds:0.0} s",
            Ratio = times,
            Goal = "≤ 5",
            Met = times <= 5,
            Note = $"progress in {steps} steps; CPU s: {string.Join(", ", compared.Own.Use.Cpu.OrderByDescending(c => c.Value).Where(c => c.Value > 0.1).Select(c => $"{c.Key} {c.Value:0.0}"))}",
            OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
            Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
        });
        foreach (var name in new[] { "requester", "worker", "payment", "gateway" })
        {
            var peak = bench.Machine.PeakMb(name);
            bench.Report.Add(new Line { Row = "post", Case = $"memory of {name}", Figure = $"at most {peak:0} MB", Goal = "≤ 250 MB", Met = peak <= 250 });
        }
    }
}
