using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>The whole ledger as a download in each of its forms, against COPY of the same rows to psql.</summary>
internal static class Export
{
    internal static async Task Run(Bench bench)
    {
        var entries = await LongLedger.Grow(bench);
        using var http = new HttpClient { BaseAddress = bench.Installation.Gateway, Timeout = TimeSpan.FromMinutes(10) };
        foreach (var form in new[] { "csv", "jsonl", "journal", "beancount" })
        {
            bench.Machine.ForgetPeak("payment");
            bench.Machine.ForgetPeak("gateway");
            var compared = await bench.InTurn(() => Copy(bench, entries), () => Download(http, form, entries));
            var times = compared.Ratio(s => s.Seconds);
            bench.Report.Add(new Line
            {
                Row = "export",
                Case = $"{entries:#,0} entries as {form}",
                Figure = $"{compared.Own.Seconds:0.0} s",
                Baseline = $"copy … to stdout: {compared.Theirs.Seconds:0.0} s",
                Ratio = times,
                Goal = "≤ 3",
                Met = times <= 3,
                Note = $"at most {bench.Machine.PeakMb("payment"):0} MB payment, {bench.Machine.PeakMb("gateway"):0} MB gateway; CPU s: "
                    + string.Join(", ", compared.Own.Use.Cpu.OrderByDescending(c => c.Value).Where(c => c.Value > 0.1).Select(c => $"{c.Key} {c.Value:0.0}")),
                OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
                Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
            });
        }
    }

    private static async Task<Sample> Download(HttpClient http, string form, long entries)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var response = await http.GetAsync(new Uri($"/ledger/export.{form}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        var counted = new CountingStream();
        await (await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync()).CopyToAsync(counted, 1 << 16);
        return counted.Count > entries * 50
            ? new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds)
            : throw new InvalidOperationException($"The download as {form} has only {counted.Count} bytes.");
    }

    private static async Task<Sample> Copy(Bench bench, long entries)
    {
        var began = TimeProvider.System.GetTimestamp();
        await bench.Pgbench.Psql("payment", SameRows);
        return new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>What a download says of each posting, in the same order: its entry, its account, and what its pay was computed from.</summary>
    private const string SameRows = """
        copy (
          select e.number, e.kind, e.at, e.currency, e.job_id, j.title, e.commitment, a.public_name, p.amount_micros,
            s.ended, s.terms_version, s.reward_micros, s.active_ms, s.unseen_ms, s.allowance_left_ms, s.first_of_job, s.limit_ms, s.reading_ms,
            s.credited_ms, s.floor_micros_per_hour, s.policy_version, s.owed_micros, s.top_up_micros, s.pay_micros, s.fee_micros, s.levy_micros
          from entry e
          join posting p on p.entry_number = e.number
          join account a on a.account_id = p.account_id
          left join settlement s on s.entry_number = e.number
          left join job j on j.job_id = e.job_id
          order by e.number
        ) to stdout
        """;
}
