using System.Diagnostics;
using System.Net;
using Marketplace.Faults.Books;
using Marketplace.Faults.Machine;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Long;

/// <summary>
/// The broker goes away for a long time, a minute later the database too; then the broker comes back, and a minute after it the database: each
/// is away as long, and each alone for a while. People go on trying all the time. Pages must say calmly what is the matter, answers must be kept or refused cleanly, and everything must run again
/// without a hand.
/// </summary>
internal sealed class Away(Installation all, Queues queues, ReadBooks reader)
{
    private static readonly TimeSpan SettlesAtMost = TimeSpan.FromMinutes(5);
    private static readonly string[] Pages = ["/", "/requester/sign-in", "/ledger", "/ledger/entries"];
    private readonly List<string> _wrong = [];
    private readonly Dictionary<HttpStatusCode, int> _answers = [];

    /// <returns>Every demand that was not met.</returns>
    internal async Task<IReadOnlyList<string>> Run(TimeSpan away, CancellationToken cancel)
    {
        var told = new Memory();
        using var crowd = new Crowd(all, told, seed: 7);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var work = crowd.Work(told, stop.Token, patience.Token);
        var flows = Stopwatch.StartNew();
        while (told.Submits.Count < 10 && flows.Elapsed < TimeSpan.FromMinutes(1))
            await Task.Delay(100, cancel);

        var alone = TimeSpan.FromSeconds(Math.Min(60, away.TotalSeconds / 2));
        var before = told.Submits.Count;
        await all.Servers.Do("kill-rabbitmq");
        await Look(crowd, alone, cancel);
        var kept = told.Submits.Count - before;
        if (kept == 0)
            _wrong.Add("No answer was taken while only the broker was away.");
        await all.Servers.Do("kill-postgres");
        await Look(crowd, away - alone, cancel);
        await all.Servers.StartBroker(cancel);
        await Look(crowd, alone, cancel);
        await all.Servers.Do("start-postgres");

        var since = Stopwatch.StartNew();
        foreach (var ended in all.Copies.Concat(all.Gateways).Where(c => c.HasEnded))
            _wrong.Add($"{ended.Name} gave up and ended.");
        await all.Heal(cancel).WaitAsync(SettlesAtMost, cancel);
        var ready = since.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(8), cancel);
        await stop.CancelAsync();
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await work;
        await Settle(told, since, cancel);
        Console.WriteLine(
            $"away for {away.TotalSeconds:0} s each: {kept} answers kept while the broker was away, {told.Submits.Count} in all; pages answered "
            + $"{string.Join(", ", _answers.OrderBy(a => a.Key).Select(a => $"{(int)a.Key} {a.Value} times"))}; ready {ready.TotalSeconds:0.0} s after the last came back");
        return _wrong;
    }

    /// <summary>Opens pages as somebody with a browser, until the time is over.</summary>
    private async Task Look(Crowd crowd, TimeSpan time, CancellationToken cancel)
    {
        using var browser = new HttpClient { Timeout = TimeSpan.FromSeconds(45) };
        var watch = Stopwatch.StartNew();
        for (var n = 0; watch.Elapsed < time; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(crowd.Gateways[n % 2], Pages[n % Pages.Length]));
            request.Headers.Accept.ParseAdd("text/html");
            try
            {
                using var response = await browser.SendAsync(request, cancel);
                Judge(Pages[n % Pages.Length], response.StatusCode, await response.Content.ReadAsStringAsync(cancel));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                _wrong.Add($"{Pages[n % Pages.Length]} got no answer: {e.Message}");
            }

            await Task.Delay(time / 40, cancel);
        }
    }

    private void Judge(string page, HttpStatusCode status, string text)
    {
        _answers[status] = _answers.GetValueOrDefault(status) + 1;
        if (status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            _wrong.Add($"{page} answered {(int)status}, not that it is back in a moment.");
        if (status != HttpStatusCode.OK && !text.Contains("safe", StringComparison.Ordinal))
            _wrong.Add($"{page} does not say that what was saved is safe.");
        if (text.Contains("Exception", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal))
            _wrong.Add($"{page} shows a trace.");
    }

    private async Task Settle(Memory told, Stopwatch since, CancellationToken cancel)
    {
        while (true)
        {
            var wrong = await Look(told, cancel);
            if (wrong.Count == 0)
            {
                Console.WriteLine($"everything settled {since.Elapsed.TotalSeconds:0.0} s after the last came back");
                return;
            }

            if (since.Elapsed > SettlesAtMost)
            {
                _wrong.AddRange(wrong);
                return;
            }

            await Task.Delay(1000, cancel);
        }
    }

    private async Task<IReadOnlyList<string>> Look(Memory told, CancellationToken cancel)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            return Demands.NotMet(await reader.Read(told, patience.Token));
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return [$"The books could not be read: {e.Message} {await queues.Count(cancel)}"];
        }
    }
}
