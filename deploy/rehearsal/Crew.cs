using System.Text.Json;

namespace Marketplace.Rehearsal;

/// <summary>A requester who pays in and raises, and workers who answer and cash out, as fast as tasks can be answered, until they are told to stop.</summary>
internal sealed class Crew(HttpClient http, Tally tally, Acknowledged acknowledged)
{
    private const int Tasks = 20_000;
    private const long Cent = 10_000;
    private const int Said = 50;

    private int _answers;

    internal Caller Requester { get; } = new(http, "/requester", tally);

    internal List<Caller> Workers { get; } = [];

    internal Guid Job { get; private set; }

    internal async Task Open()
    {
        await Requester.SignUp("Rehearsal");
        await PayIn(100_000_000);
        var draft = new
        {
            title = $"Rehearsal {Guid.NewGuid():n}", question = "Which?", labels = new[] { "this", "that" }, rewardMicros = 5_000, estimateMs = 1_000,
            wanted = 1, textColumn = "text", budgetMicros = 80_000_000,
        };
        Job = (await Requester.Post("/api/jobs", draft)).Get("jobId").GetGuid();
        (await Requester.PostText($"/api/jobs/{Job}/upload", "text\n" + string.Concat(Enumerable.Range(1, Tasks).Select(n => $"thing {n}\n")), "text/csv")).Get("tasks");

        // The deposit is on its way from payment, and so is the funding afterwards.
        await Until(async () => await acknowledged.Do("jobs", Requester, $"/api/jobs/{Job}/post", new { }, Guid.NewGuid().ToString(), "budgetMicros"), r => r.Ok);
        await Until(() => Requester.Get($"/api/jobs/{Job}"), r => r.Get("state").GetString() == "running");
    }

    internal Task Work(int workers, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(1, workers).Select(n => WorkOne($"Worker {n}", stop)).Append(Spend(stop)));

    private Task<Reply> PayIn(long micros) =>
        acknowledged.Do("deposits", Requester, "/ledger/deposits", new { amountMicros = micros }, Guid.NewGuid().ToString(), "amountMicros");

    private async Task Spend(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await PayIn(1_000_000);
            await acknowledged.Do("raises", Requester, $"/api/jobs/{Job}/budget", new { addMicros = 100_000 }, Guid.NewGuid().ToString(), "budgetMicros");
            await Pause(1000, stop);
        }
    }

    private async Task WorkOne(string name, CancellationToken stop)
    {
        var worker = new Caller(http, "", tally);
        lock (Workers)
            Workers.Add(worker);
        await worker.SignUp(name);
        JsonElement? work = null;
        for (var answers = 1; !stop.IsCancellationRequested; answers++)
        {
            work ??= await Claim(worker);
            if (work is not { } task)
            {
                await Pause(500, stop);
                continue;
            }

            work = await Answer(worker, task.GetProperty("assignmentId").GetGuid(), stop);
            if (answers % 20 == 0)
                await acknowledged.Do("cash-outs", worker, "/ledger/cash-out", new { amountMicros = Cent }, Guid.NewGuid().ToString(), "amountMicros");
        }
    }

    private async Task<JsonElement?> Claim(Caller worker) =>
        await worker.Post($"/jobs/{Job}/claims", new { }) is { Ok: true } claimed ? claimed.Body : null;

    private async Task<JsonElement?> Answer(Caller worker, Guid assignment, CancellationToken stop)
    {
        var body = new { answer = new { label = "this" }, stop = stop.IsCancellationRequested };
        while (true)
        {
            var reply = await acknowledged.Do("answers", worker, $"/assignments/{assignment}/answer", body, null, "payMicros");
            if (reply.Ok)
            {
                SayHowFar();
                return reply.Body.GetProperty("next") is { ValueKind: JsonValueKind.Object } next ? next : null;
            }

            if (reply.RetryAfter is not { } wait)
                throw new InvalidOperationException($"An answer was refused with {reply.Status}: {reply.Body}");
            await Task.Delay(wait, CancellationToken.None);
        }
    }

    /// <summary>How far they are, for the script that waits for it.</summary>
    private void SayHowFar()
    {
        if (Interlocked.Increment(ref _answers) is var answers && answers % Said == 0)
            Console.WriteLine($"      {answers} answers are acknowledged");
    }

    private static async Task Until(Func<Task<Reply>> ask, Func<Reply, bool> good)
    {
        for (var deadline = DateTimeOffset.UtcNow.AddMinutes(2); !good(await ask()); await Task.Delay(200))
            if (DateTimeOffset.UtcNow > deadline)
                throw new TimeoutException("The job was not posted and funded in two minutes.");
    }

    private static async Task Pause(int ms, CancellationToken stop)
    {
        try
        {
            await Task.Delay(ms, stop);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
