using System.Diagnostics;
using Marketplace.Bench.Rows;

namespace Marketplace.Bench;

/// <summary>The rows by name, in the order in which a whole run measures them: those that fill the ledger come last.</summary>
internal static class RowTable
{
    internal static readonly Dictionary<string, Func<Bench, Task>> All = new()
    {
        ["claim-sql"] = ClaimSql.Run,
        ["claim-veterans"] = ClaimVeterans.Run,
        ["work"] = Work.Run,
        ["paid"] = Paid.Run,
        ["log-lag"] = LogLag.Run,
        ["log-step"] = LogStep.Run,
        ["settle"] = Settle.Run,
        ["post"] = Post.Run,
        ["memory"] = Memory.Run,
        ["first-visit"] = FirstVisit.Run,
        ["ledger-page"] = LedgerPage.Run,
        ["export"] = Export.Run,
        ["audit"] = Audit.Run,
    };

    /// <summary>Measures each row, prints its lines as they come, and the whole table at the end. A row that breaks does not stop the others.</summary>
    /// <returns>The exit code: 0, or 1 where a row broke. A goal that is missed is a figure, not an error.</returns>
    internal static async Task<int> Run(Bench bench, IReadOnlyList<string> names)
    {
        var broken = new List<string>();
        foreach (var name in names)
        {
            Console.WriteLine($"\n== {name}");
            var watch = Stopwatch.StartNew();
            try
            {
                if (bench.Profile)
                    await Statistics.Reset(bench);
                await All[name](bench);
                if (bench.Profile)
                    await Statistics.Print(bench);
            }
            catch (Exception e)
            {
                Console.WriteLine($"{name} broke: {e}");
                broken.Add(name);
            }

            Console.WriteLine($"== {name} took {watch.Elapsed.TotalSeconds:0} s");
            await bench.Report.Write(bench.Installation.Reports, broken);
        }

        Console.WriteLine();
        Console.WriteLine(bench.Report.ToMarkdown());
        return broken.Count == 0 ? 0 : 1;
    }
}
