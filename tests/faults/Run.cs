using System.Diagnostics;
using Marketplace.Faults.Books;
using Marketplace.Faults.Machine;
using Marketplace.Faults.People;
using Marketplace.Faults.Plan;

namespace Marketplace.Faults;

/// <summary>What came of a run.</summary>
/// <param name="Schedule">What was planned.</param>
/// <param name="Wrong">Every demand that was not met.</param>
/// <param name="Settled">From the moment everything ran again until every demand was met; null where they never were.</param>
/// <param name="Books">What was looked at last.</param>
/// <param name="Notes">How each fault went.</param>
/// <param name="SentAgain">Events that services sent again because nobody had answered, by the counters of those copies that live.</param>
internal sealed record Outcome(Schedule Schedule, IReadOnlyList<string> Wrong, TimeSpan? Settled, AllBooks? Books, IReadOnlyList<string> Notes, double SentAgain);

/// <summary>One run: people work, faults strike, everything settles, and the books are checked.</summary>
internal sealed class Run(Installation all, Queues queues, ReadBooks reader)
{
    private const int SubmitsBefore = 10;
    private static readonly TimeSpan FlowsAtMost = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan WorksOn = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StrikesAtMost = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan AnswersAtMost = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettlesAtMost = TimeSpan.FromSeconds(150);

    internal async Task<Outcome> Of(Schedule schedule, CancellationToken cancel)
    {
        var told = new Memory();
        using var crowd = new Crowd(all, told, schedule.Seed);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var notes = new List<string>();
        var work = crowd.Work(told, stop.Token, patience.Token);
        try
        {
            await UntilWorkFlows(told, cancel);
            await Strike(schedule, notes, cancel);
            await Task.Delay(WorksOn, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // The marketplace did not come up again, or the machine could not do what was asked.
            await stop.CancelAsync();
            await patience.CancelAsync();
            await work;
            return new(schedule, [$"After a fault something did not run again: {e.Message}"], null, null, notes, await SentAgain());
        }

        var since = Stopwatch.StartNew();
        await stop.CancelAsync();
        patience.CancelAfter(AnswersAtMost);
        await work;
        notes.Add($"everybody had a final answer {since.Elapsed.TotalSeconds:0.0} s after everything ran");
        var (wrong, books) = await Settle(told, notes, cancel);
        return new(schedule, wrong, wrong.Count == 0 ? since.Elapsed : null, books, notes, await SentAgain());
    }

    /// <summary>Faults come once answers do: a marketplace that stands still has nothing to lose.</summary>
    private static async Task UntilWorkFlows(Memory told, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (told.Submits.Count < SubmitsBefore && watch.Elapsed < FlowsAtMost)
            await Task.Delay(100, cancel);
    }

    private async Task Strike(Schedule schedule, List<string> notes, CancellationToken cancel)
    {
        using var most = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        most.CancelAfter(StrikesAtMost);
        var strikes = new Strikes(all, queues);
        var began = Stopwatch.StartNew();
        await Task.WhenAll(schedule.Faults.Select(async fault =>
        {
            await Task.Delay(fault.AtMs, most.Token);
            var note = await strikes.Run(fault, most.Token);
            lock (notes)
                notes.Add($"{began.Elapsed.TotalSeconds:0.0} s after {fault}{(note.Length > 0 ? $" ({note})" : "")}");
        }));
        await all.Heal(most.Token);
    }

    private async Task<(IReadOnlyList<string> Wrong, AllBooks? Books)> Settle(Memory told, List<string> notes, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            IReadOnlyList<string> wrong;
            AllBooks? books = null;
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                patience.CancelAfter(TimeSpan.FromSeconds(30));
                books = await reader.Read(told, patience.Token);
                wrong = Demands.NotMet(books);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                wrong = [$"The books could not be read: {e.Message}"];
            }

            notes.Add($"{watch.Elapsed.TotalSeconds:0.0} s of settling: {wrong.Count} demands not met{(wrong.Count > 0 ? $", such as: {wrong[^1]}" : "")}");
            if (wrong.Count == 0 || watch.Elapsed > SettlesAtMost || !told.Contradictions.IsEmpty)
                return (wrong, books);
            await Task.Delay(500, cancel);
        }
    }

    private async Task<double> SentAgain() =>
        (await all.Counters()).Where(c => c.Key.Contains("sent_again", StringComparison.Ordinal) || c.Key.Contains("asked_again", StringComparison.Ordinal)).Sum(c => c.Value);
}
