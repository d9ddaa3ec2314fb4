using System.Text.RegularExpressions;
using Dapper;
using Marketplace.Bench.Load;
using Marketplace.Payment.Ledger;

namespace Marketplace.Bench.Rows;

/// <summary>The public ledger's pages at a million entries, one request after the other through the gateway, against the select of the same rows.</summary>
internal static partial class LedgerPage
{
    private const int Requests = 200;

    internal static async Task Run(Bench bench)
    {
        var entries = await LongLedger.Grow(bench);
        await using var payment = await bench.Connect("payment");
        var job = await payment.ExecuteScalarAsync<Guid>("select job_id from entry where kind = 'assignment-paid' order by number desc limit 1");
        var until = await payment.ExecuteScalarAsync<DateTime>("select at from entry where number = 1");
        using var http = new HttpClient { BaseAddress = bench.Installation.Gateway };

        await Measure(bench, http, $"first page, {entries:#,0} entries", _ => "/ledger/entries", Page(""));
        await Measure(bench, http, "an opened entry", n => $"/ledger/entries/{1 + (n * 7919L % entries)}", Opened(entries));
        await Measure(bench, http, "of one job", _ => $"/ledger/entries?of={job}", Page($"where job_id = '{job}'"));
        await Measure(bench, http, "of a rare kind", _ => "/ledger/entries?kind=deposit", Page("where kind = 'deposit'"));
        await Measure(bench, http, "up to a day", _ => $"/ledger/entries?until={until:yyyy-MM-dd}", Page(UpTo($"{until:yyyy-MM-dd}")));
        await Measure(bench, http, "the next page, deep", n => $"/ledger/entries?before={1 + (n * 7919L % entries)}", Page($"where number < {entries / 2}"));
        await Measure(bench, http, "/ledger", _ => "/ledger", Page(""));
    }

    private static async Task Measure(Bench bench, HttpClient http, string @case, Func<int, string> address, string select)
    {
        await Get(http, address, 20);
        await bench.Pgbench.Run("payment", "payment", select, 1, TimeSpan.FromSeconds(1));
        var compared = await bench.InTurn(
            () => bench.Pgbench.Run("payment", "payment", select, 1, TimeSpan.FromSeconds(2)),
            () => Get(http, address, Requests));
        var p95 = Compared.Median(compared.Ours.Select(s => s.P95Ms));
        bench.Report.Add(new Line
        {
            Row = "ledger-page",
            Case = @case,
            Figure = $"p95 {p95:0.0} ms",
            Baseline = $"select of the same rows: p95 {compared.Theirs.P95Ms:0.00} ms",
            Ratio = compared.Ratio(s => s.P95Ms),
            Goal = "≤ 30 ms",
            Met = p95 <= 30,
            Note = $"CPU ms: {compared.Own.CpuByProcess}",
            OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
            Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
        });
    }

    private static async Task<Sample> Get(HttpClient http, Func<int, string> address, int requests)
    {
        var times = new List<double>(requests);
        var began = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < requests; n++)
        {
            var start = TimeProvider.System.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, address(n)) { Headers = { { "Accept", "text/html" } } };
            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        return new Sample(requests, TimeProvider.System.GetElapsedTime(began).TotalSeconds, Compared.P95(times));
    }

    /// <summary>The rows of a page: entries newest first with their postings, read as the page reads them.</summary>
    private static string Page(string where) =>
        Statements.Fill(Statements.Of(typeof(EntryQueries), "SelectByNumbers"), Numbers(where))
        + "\n" + Statements.Fill(Statements.Of(typeof(EntryQueries), "SelectPostingsByNumbers"), Numbers(where));

    private static Dictionary<string, string> Numbers(string where) =>
        new() { ["Numbers"] = $"array(select number from public_entry {where} order by number desc limit 50)" };

    /// <summary>As the page finds it: by the last entry of the day.</summary>
    private static string UpTo(string day) =>
        $"where number <= (select number from entry where at < '{day}'::date + interval '1 day' order by at desc, number desc limit 1)";

    private static string Opened(long entries) => $"\\set number random(1, {entries})\n" + ArrayOfColumn().Replace(Page("where number = :number"), "array(select :number::bigint)");

    [GeneratedRegex(@"array\(select number from public_entry where number = :number order by number desc limit 50\)")]
    private static partial Regex ArrayOfColumn();
}
