using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>What each service holds: freshly started and idle, and at most under the load of paid answers.</summary>
internal static class Memory
{
    private static readonly string[] Services = ["gateway", "worker", "requester", "payment"];

    internal static async Task Run(Bench bench)
    {
        foreach (var name in Services)
            await bench.Installation.Stop(name);
        foreach (var name in Services.Reverse())
            await bench.Installation.Start(name);
        await Task.Delay(TimeSpan.FromSeconds(bench.Quick ? 5 : 20));
        Say(bench, "idle", 100, bench.Machine.ResidentMb);

        var job = await bench.Market.Post(20_000, 1);
        foreach (var name in Services)
            bench.Machine.ForgetPeak(name);
        using var labelers = new Labelers(bench, job);
        var load = await new Completions(bench, labelers).Run(l => l.Work(8, bench.Stretch * 2, page: false));
        Say(bench, $"at {load.Sample.PerSecond:0} completions/s", 200, bench.Machine.PeakMb);
    }

    private static void Say(Bench bench, string when, double most, Func<string, double> memory)
    {
        foreach (var name in Services)
        {
            var megabytes = memory(name);
            bench.Report.Add(new Line
            {
                Row = "memory",
                Case = $"{name}, {when}",
                Figure = $"{megabytes:0} MB",
                Goal = $"≤ {most:0} MB",
                Met = megabytes <= most,
                Note = $"its share: {bench.Machine.ShareMb(name):0} MB",
            });
        }
    }
}
