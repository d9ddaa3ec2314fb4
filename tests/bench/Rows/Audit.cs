using System.Diagnostics;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// The auditor's whole check of a ledger of a million entries, by the program that a member runs. Verifying, once the log's tiles are there, against
/// sha256sum over the same bytes; and, as a line of its own, a first visit that downloads them.
/// </summary>
internal static class Audit
{
    internal static async Task Run(Bench bench)
    {
        var entries = await LongLedger.Grow(bench);
        var folder = Directory.CreateTempSubdirectory("bench-audit-");
        try
        {
            var first = await bench.Watch(async () => (await Verify(bench, folder.FullName, entries)).Sample);
            var bytes = folder.EnumerateFiles("tile-*", SearchOption.AllDirectories).Sum(f => f.Length);

            // What was downloaded stays: full tiles never change. Of the server it now asks the checkpoint, the last bundle and the trial balance.
            var memory = new List<Memory>();
            var compared = await bench.InTurn(
                () => Sum(folder, entries),
                async () =>
                {
                    var verified = await Verify(bench, folder.FullName, entries);
                    memory.Add(verified.Memory);
                    return verified.Sample;
                });
            SayVerified(bench, entries, bytes, compared);
            SayMemory(bench, entries, memory.MaxBy(m => m.PeakMb)!);
            SayDownloaded(bench, entries, bytes, first);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the auditor held: at most, and at most in the first half of its time.</summary>
    private sealed record Memory(double PeakMb, double FirstHalfMb);

    private static async Task<(Sample Sample, Memory Memory)> Verify(Bench bench, string folder, long entries)
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
        var held = new List<double>();
        while (!auditor.WaitForExit(TimeSpan.FromMilliseconds(50)))
        {
            auditor.Refresh();
            if (!auditor.HasExited)
                held.Add(auditor.PeakWorkingSet64 / 1024.0 / 1024);
        }

        return auditor.ExitCode == 0
            ? (new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds), new Memory(held.Max(), held.Take((held.Count + 1) / 2).Max()))
            : throw new InvalidOperationException($"The auditor ended with {auditor.ExitCode}: {await output} {await errors}");
    }

    private static async Task<Sample> Sum(DirectoryInfo folder, long entries)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var sum = Process.Start(new ProcessStartInfo("bash", ["-c", "find . -name 'tile-*' -print0 | sort -z | xargs -0 cat | sha256sum > /dev/null"]) { WorkingDirectory = folder.FullName })!;
        await sum.WaitForExitAsync();
        return new Sample(entries, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static void SayVerified(Bench bench, long entries, long bytes, Compared compared)
    {
        var times = compared.Ratio(s => s.Seconds);
        bench.Report.Add(new Line
        {
            Row = "audit",
            Case = $"{entries:#,0} entries verified, {Mb(bytes)} downloaded before",
            Figure = $"{compared.Own.Seconds:0.00} s",
            Baseline = $"sha256sum over the same bytes: {compared.Theirs.Seconds:0.00} s",
            Ratio = times,
            Goal = "≤ 4",
            Met = times <= 4,
            Note = Cpu(compared.Own),
            OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
            Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
        });
    }

    private static void SayMemory(Bench bench, long entries, Memory memory) => bench.Report.Add(new Line
    {
        Row = "audit",
        Case = $"the auditor's memory meanwhile, {entries:#,0} entries",
        Figure = $"at most {memory.PeakMb:0} MB, {memory.FirstHalfMb:0} MB in the first half of the time",
        Ratio = memory.PeakMb / memory.FirstHalfMb,
        Goal = "flat within 1.5×",
        Met = bench.Quick ? null : memory.PeakMb <= 1.5 * memory.FirstHalfMb,
        Note = "the table of keys that were seen is all that grows",
    });

    private static void SayDownloaded(Bench bench, long entries, long bytes, Sample first) => bench.Report.Add(new Line
    {
        Row = "audit",
        Case = $"{entries:#,0} entries, a first visit: {Mb(bytes)} downloaded and verified",
        Figure = $"{first.Seconds:0.0} s",
        Note = Cpu(first),
        OtherCores = [Math.Round(first.Use.OtherCores, 2)],
        Rounds = new { ours = first },
    });

    private static string Mb(long bytes) => $"{bytes / 1e6:0} MB";

    private static string Cpu(Sample sample) =>
        $"CPU s: {string.Join(", ", sample.Use.Cpu.OrderByDescending(c => c.Value).Where(c => c.Value > 0.1).Select(c => $"{c.Key} {c.Value:0.0}"))}";
}
