using System.Diagnostics;
using Marketplace.Faults.Books;
using Marketplace.Faults.Long;
using Marketplace.Faults.Machine;
using Marketplace.Faults.Plan;

namespace Marketplace.Faults;

/// <summary>Many runs after each other, what they counted, and the smallest schedule that still fails where one did.</summary>
internal sealed class Campaign(Options options, Tally tally)
{
    private Installation? _all;
    private Queues? _queues;
    private ReadBooks? _reader;
    private CancellationTokenSource? _listening;
    private Task _ears = Task.CompletedTask;

    internal async Task Runs(CancellationToken cancel)
    {
        try
        {
            for (var n = 0; n < options.Runs; n++)
            {
                if (_all is not null && n % options.RunsAnInstallation == 0)
                    await Audit(cancel);
                if (_all is null || n % options.RunsAnInstallation == 0)
                    await Renew(cancel);
                var schedule = Schedule.Draw(options.Seed + n, options.Faults, Kinds());
                var outcome = await RunOnce(schedule, cancel);
                tally.Add(outcome);
                if (outcome.Wrong.Count == 0)
                    continue;

                await Shrink(schedule, cancel);
                await Renew(cancel);
            }

            if (_all is not null)
                await Audit(cancel);
            await Long(cancel);
        }
        finally
        {
            await End();
        }
    }

    /// <summary>The two long runs, where they were asked for, each on a blank installation.</summary>
    private async Task Long(CancellationToken cancel)
    {
        if (options.AwaySeconds is { } seconds)
        {
            await Renew(cancel);
            tally.Add(await new Away(_all!, _queues!, _reader!).Run(TimeSpan.FromSeconds(seconds), cancel));
        }

        if (options.Backlog is { } completions)
        {
            await Renew(cancel);
            tally.Add(await new Backlog(_all!, _queues!).Run(completions, cancel));
        }
    }

    private async Task<Outcome> RunOnce(Schedule schedule, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var outcome = await new Run(_all!, _queues!, _reader!).Of(schedule, cancel);
        if (outcome.Books is { } books)
        {
            if (outcome.Wrong.Count == 0)
                tally.Objections = PlantedErrors.Objections(books);
            _reader!.Keep(books);
        }

        await File.AppendAllLinesAsync(Path.Combine(options.Data, "logs", "runs.log"), [$"{DateTimeOffset.UtcNow:u} {schedule}", .. outcome.Notes.Concat(outcome.Wrong).Select(n => $"    {n}")], cancel);
        Console.WriteLine(
            $"seed {schedule.Seed}: {schedule.Faults.Count} faults, {outcome.Books?.Told.Submits.Count} submits, {outcome.Books?.Told.Jobs.Count} jobs, "
            + $"{outcome.Books?.Told.CashOuts.Count} cash-outs, {outcome.Books?.Told.Retries} requests sent again, {outcome.SentAgain:0} events sent again, "
            + (outcome.Settled is { } settled ? $"settled in {settled.TotalSeconds:0.0} s" : $"FAILED, {outcome.Wrong.Count} demands not met")
            + $" ({watch.Elapsed.TotalSeconds:0} s)");
        return outcome;
    }

    /// <summary>Tries smaller and smaller schedules, each on a blank installation, and prints the last that failed.</summary>
    private async Task Shrink(Schedule failing, CancellationToken cancel)
    {
        var tries = 0;
        Console.WriteLine($"  shrinking {failing}");
        while (await SmallerThatFails(failing, () => ++tries <= options.ShrinkTries, cancel) is { } smaller)
            failing = smaller;
        Console.WriteLine($"  the smallest schedule seen to fail, after {tries} tries: {failing}");
    }

    private async Task<Schedule?> SmallerThatFails(Schedule failing, Func<bool> mayTry, CancellationToken cancel)
    {
        foreach (var smaller in failing.Smaller())
        {
            if (!mayTry())
                return null;
            await Renew(cancel);
            var outcome = await RunOnce(smaller, cancel);
            if (outcome.Wrong.Count > 0)
                return smaller;
        }

        return null;
    }

    private IReadOnlyList<FaultKind> Kinds()
    {
        var impossible = new Strikes(_all!, _queues!).Impossible();
        foreach (var (kind, why) in impossible.Where(i => options.Kinds.Contains(i.Key)))
            tally.LeftOut[kind] = why;
        return [.. options.Kinds.Except(impossible.Keys)];
    }

    /// <summary>The auditor, which shares no code with payment, over the whole public history.</summary>
    private async Task Audit(CancellationToken cancel)
    {
        var command = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = [_all!.Auditor, "verify", "--url", $"http://127.0.0.1:{_all.Gateways[0].Port}", "--data", Directory.CreateTempSubdirectory("marketplace-auditor").FullName];
        foreach (var argument in arguments)
            command.ArgumentList.Add(argument);
        using var process = Process.Start(command)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode == 0)
            Console.WriteLine("the auditor agrees with the whole ledger");
        else
            tally.Add([$"The auditor objects: {await output}{await errors}"]);
    }

    private async Task Renew(CancellationToken cancel)
    {
        await End();
        var watch = Stopwatch.StartNew();
        _all = await Installation.Start(options.Data, Setup.ToBreak, cancel);
        _queues = new Queues(_all.Servers.BrokerUri);
        _reader = new ReadBooks(_all, _queues);
        _listening = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _ears = _queues.Listen(_listening.Token);
        Console.WriteLine($"a blank marketplace: two copies of each service and of the gateway ({watch.Elapsed.TotalSeconds:0} s)");
    }

    private async Task End()
    {
        if (_all is null)
            return;
        await _listening!.CancelAsync();
        await _ears;
        _listening.Dispose();
        await _all.DisposeAsync();
        _all = null;
    }
}
