using Marketplace.Bench.Load;
using Marketplace.Worker.Assignments;

namespace Marketplace.Bench.Rows;

/// <summary>
/// Claims where twenty answers are wanted of each task and every worker has done a random half of the tasks, so that what lies ahead may be theirs
/// already: the walk with the look at one's own assignments, the most expensive that a claim can be.
/// </summary>
internal static class ClaimVeterans
{
    private const int Veterans = 50;
    private const int Wanted = 20;

    internal static async Task Run(Bench bench)
    {
        var scratch = new ScratchWorker(bench);
        await scratch.Make();
        foreach (var tasks in new[] { bench.Quick ? 10_000 : 100_000 })
        {
            await scratch.Fill(tasks, Wanted, workers: 8_000);
            await scratch.AddVeterans(Veterans, tasks);
            var (first, veterans) = (new ClaimSql.Runs(bench, tasks, ClaimSql.TakeAhead(), Veterans), new ClaimSql.Runs(bench, tasks, TakeUnlessHad()));
            foreach (var clients in new[] { 1, 8 })
            {
                await first.Claim(clients, bench.WarmUp);
                var run = 1_000 * clients;
                await veterans.Claim(clients, bench.WarmUp, run);
                var compared = await bench.InTurn(() => first.Claim(clients, bench.Stretch), () => veterans.Claim(clients, bench.Stretch, ++run));
                bench.Report.AddRate("claim-veterans", $"{tasks:#,0} tasks, {clients} connections", "claims/s", "claim-sql, the same tasks", compared, atLeast: 0.5);
            }
        }
    }

    /// <summary>A claim of a random veteran of one's own share: no two connections act as the same person at once.</summary>
    private static string TakeUnlessHad() => $"""
        \set n :n + 1
        \set w :client_id + 8 * random(0, 5)
        \set id (:run * 64 + :client_id) * 10000000 + :n
        {Statements.Fill(ClaimSql.FromCursor(Statements.Of(typeof(TakeTask), "TakeUnlessHad")), ClaimSql.Values())}
        """;
}
