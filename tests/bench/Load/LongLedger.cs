using Dapper;
using Marketplace.Bench.Rows;

namespace Marketplace.Bench.Load;

/// <summary>A ledger of a million entries, made once in a run by payment's own code, for the rows that read it.</summary>
internal static class LongLedger
{
    private const int Jobs = 20;
    private const int PerBatch = 2_000;

    /// <summary>Lets the ledger grow to the size that the rows ask for, and waits until the log covers it.</summary>
    /// <returns>How many entries there are.</returns>
    internal static async Task<long> Grow(Bench bench)
    {
        var wanted = bench.Quick ? 50_000 : 1_000_000;
        await using var payment = await bench.Connect("payment");
        var there = await Completions.LastEntry(payment);
        if (there < wanted)
        {
            Console.WriteLine($"making a ledger of {wanted:#,0} entries");
            var jobs = new List<Guid>();
            for (var n = 0; n < Jobs; n++)
                jobs.Add(await bench.Market.PostWithBudget(1_000, 100, wanted / Jobs));
            await new SettledEnds(bench).Run(jobs, (int)(wanted - await Completions.LastEntry(payment)), PerBatch, progress: Say);
            await payment.ExecuteAsync("vacuum (analyze)");
        }

        await LogLag.UntilCovered(bench);
        return await Completions.LastEntry(payment);
    }

    private static void Say(int done)
    {
        if (done % 100_000 == 0)
            Console.WriteLine($"  {done:#,0}");
    }
}
