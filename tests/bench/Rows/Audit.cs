using System.Diagnostics;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// The auditor's whole check of a ledger of a million entries, download included, by the program that a member runs; against sha256sum over the bytes that it
/// downloaded.
/// </summary>
internal static class Audit
{
    internal static async Task Run(Bench bench)
    {
        var entries = await LongLedger.Grow(bench);
        var folder = Directory.CreateTempSubdirectory("bench-audit-");
        var peaks = new List<double>();
        try
        {
            // The baseline needs the bytes: a first check, whose figures are thrown away.
            await Verify(bench, folder.FullName, entries, []);
            var compared = await bench.InTurn(
                () => Sum(folder, entries),
                () =>
                {
                    Empty(folder);
                    return Verify(bench, folder.FullName, entries, peaks);
                });
            Say(bench, entries, compared, peaks.Max());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Sample> Verify(Bench bench, string folder, long entries, List<double> peaks)
    {
        var program = Path.Combine(bench.Installation.Checkout, "services/auditor/bin/Release/net10.0/auditor.dll");
        var began = TimeProvider.System.GetTimestamp();
        using var auditor = Process.Start(new ProcessStartInfo("dotnet", [program, "verify", "--url", bench.Installation.Gateway.ToString(), "--data", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = auditor.StandardOutput.ReadToEndAsync();
        var errors = auditor.StandardError.ReadToEndAsync();
        var peak = 0L;
        while (!auditor.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            auditor.Refresh();
            peak = Math.Max(peak, auditor.HasExited ? 0 : auditor.PeakWorkingSet64);
        }

        peaks.Add(peak / 1024.0 / 1024);
        return auditor.ExitCode == 0
            ? new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds)
            : throw new InvalidOperationException($"The auditor ended with {auditor.ExitCode}: {await output} {await errors}");
    }

    private static async Task<Sample> Sum(DirectoryInfo folder, long entries)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var sum = Process.Start(new ProcessStartInfo("bash", ["-c", "find . -type f -print0 | sort -z | xargs -0 cat | sha256sum > /dev/null"]) { WorkingDirectory = folder.FullName })!;
        await sum.WaitForExitAsync();
        return new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static void Empty(DirectoryInfo folder)
    {
        foreach (var inside in folder.EnumerateDirectories())
            inside.Delete(recursive: true);
    }

    private static void Say(Bench bench, long entries, Compared compared, double peak)
    {
        var times = compared.Ratio(s => s.Seconds);
        bench.Report.Add(new Line
        {
            Row = "audit",
            Case = $"{entries:#,0} entries, downloaded and verified",
            Figure = $"{compared.Own.Seconds:0.0} s, at most {peak:0} MB",
            Baseline = $"sha256sum over the same bytes: {compared.Theirs.Seconds:0.00} s",
            Ratio = times,
            Goal = "≤ 4",
            Met = times <= 4,
            Note = $"CPU s: {string.Join(", ", compared.Own.Use.Cpu.OrderByDescending(c => c.Value).Where(c => c.Value > 0.1).Select(c => $"{c.Key} {c.Value:0.0}"))}",
            OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
            Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
        });
    }
}
