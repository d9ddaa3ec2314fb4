using System.Globalization;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// The same lag with the demo's step of publication, over a whole step of work: an entry waits for its step and for nothing else.
/// </summary>
internal static class LogStep
{
    private const int Workers = 8;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    internal static async Task Run(Bench bench)
    {
        var job = await bench.Market.Post(bench.Quick ? 50_000 : 100_000, 1);
        using var labelers = new Labelers(bench, job);
        var completions = new Completions(bench, labelers);
        var usual = Environment.GetEnvironmentVariable("Publication__Every") ?? "00:00:00";
        await Restart(bench, Step.ToString("c", CultureInfo.InvariantCulture));
        try
        {
            await completions.Run(l => l.Work(Workers, bench.WarmUp, page: false));
            var settled = await completions.Run(l => l.Work(Workers, Step, page: false));
            var lag = await LogLag.Lag(bench, settled.From);
            var goal = Step.TotalMilliseconds + 1000;
            bench.Report.Add(new Line
            {
                Row = "log-step",
                Case = $"commit → covered by a checkpoint, full load, what is public moves every {Step.TotalSeconds:0} s",
                Figure = $"p95 {lag:0} ms",
                Goal = $"< {goal:#,0} ms",
                Met = lag < goal,
                Note = $"{settled.Sample.PerSecond:0} completions/s",
            });
        }
        finally
        {
            await Restart(bench, usual);
        }
    }

    private static async Task Restart(Bench bench, string step)
    {
        await bench.Installation.Stop("payment");
        await bench.Installation.Start("payment", step);
    }
}
