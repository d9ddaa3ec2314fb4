using System.Globalization;
using System.Text.Json;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// A requester on whose job others work, and who uses all that a requester may: the job, the list, answers, downloads, the stream, the
/// deposit. Twice a second it pays in a little, and an own worker answers an own task of a second: entries whose time it knows, among
/// those of others.
/// </summary>
internal sealed class NosyRequester(Caller caller, Caller ownWorker, HttpClient http, Uri gateway, Func<string> token, Recorder recorder)
{
    private const int Amounts = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    /// <summary>When each own task was ended, by its assignment.</summary>
    internal Dictionary<Guid, (long From, long To)> Ended { get; } = [];

    internal Guid Account => caller.Account;

    internal Caller OwnWorker => ownWorker;

    internal Task Look(Guid job, Guid clockJob, CancellationToken stop) => Task.WhenAll(
        Looks.Page(caller, $"/api/jobs/{job}", "job", recorder, stop),
        Looks.Page(caller, "/api/jobs", "jobs", recorder, stop),
        Looks.Page(caller, "/api/deposit", "deposit", recorder, stop),
        Looks.Again(cancel => Answers(job, cancel), stop),
        Looks.Again(cancel => Download(job, cancel), stop),
        Listen(job, stop),
        Ticks(Deposit, stop),
        OwnTasks(clockJob, stop));

    /// <summary>All answers that are shown now.</summary>
    internal Task ReadAll(Guid job, CancellationToken cancel) => Download(job, cancel);

    private async Task Answers(Guid job, CancellationToken cancel)
    {
        for (var after = 0; ;)
        {
            var page = await caller.Get(string.Create(CultureInfo.InvariantCulture, $"/api/jobs/{job}/answers?after={after}"), cancel);
            if (!page.Ok)
                return;
            foreach (var task in page.Body.GetProperty("tasks").EnumerateArray())
            {
                foreach (var answer in task.GetProperty("answers").EnumerateArray())
                    recorder.Answer(task.GetProperty("task").GetInt32(), answer);
            }

            if (!page.Body.TryGetProperty("next", out var next) || next.ValueKind != JsonValueKind.Number)
                return;
            after = next.GetInt32();
        }
    }

    private async Task Download(Guid job, CancellationToken cancel)
    {
        foreach (var line in (await caller.Get($"/api/jobs/{job}/download.jsonl?what=raw", cancel))
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var answer = JsonSerializer.Deserialize<JsonElement>(line);
            if (answer.TryGetProperty("task", out var task))
                recorder.Answer(task.GetInt32(), answer);
        }
    }

    /// <summary>The stream of the job's changes; it is opened again when it ends.</summary>
    private async Task Listen(Guid job, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, $"/api/jobs/{job}/events"));
                request.Headers.Authorization = new("Bearer", token());
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
                while (await lines.ReadLineAsync(stop) is { } line)
                {
                    if (line.StartsWith("data:", StringComparison.Ordinal))
                        recorder.Document("events", JsonSerializer.Deserialize<JsonElement>(line[5..]));
                }

                await Task.Delay(Tick, stop);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or JsonException)
            {
                if (stop.IsCancellationRequested)
                    return;
            }
        }
    }

    /// <summary>Each of another amount, so that it is known again in whatever order.</summary>
    private async Task Deposit(int n, CancellationToken cancel)
    {
        var (amount, from) = ((n % Amounts + 1) * 10_000L, Recorder.Now);
        var reply = await caller.Post("/ledger/deposits", new { amountMicros = amount }, cancel, Guid.NewGuid().ToString());
        if (reply.Ok)
            recorder.Mark(from, Recorder.Now, amount, null, reply.Body.TryGetProperty("entryNumber", out var number)
                && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : null);
    }

    private async Task OwnTasks(Guid clockJob, CancellationToken stop)
    {
        Guid? open = null;
        await Ticks(async (_, cancel) =>
        {
            var from = Recorder.Now;
            var reply = open is { } assignment
                ? await ownWorker.Post($"/assignments/{assignment}/answer", new { answer = new { text = "tick" } }, cancel)
                : await ownWorker.Post($"/jobs/{clockJob}/claims", new { }, cancel);
            if (!reply.Ok)
            {
                open = reply.Text.Contains("Submit in", StringComparison.Ordinal) ? open : null;
                return;
            }

            if (open is { } ended)
                Ended[ended] = (from, Recorder.Now);
            var work = open is null ? reply.Body : reply.Body.GetProperty("next");
            open = work is { ValueKind: JsonValueKind.Object } ? work.GetProperty("assignmentId").GetGuid() : null;
        }, stop);
    }

    private static async Task Ticks(Func<int, CancellationToken, Task> tick, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick);
        try
        {
            for (var n = 0; await timer.WaitForNextTickAsync(stop); n++)
                await tick(n, stop);
        }
        catch (OperationCanceledException)
        {
            // The looking is over.
        }
    }
}
