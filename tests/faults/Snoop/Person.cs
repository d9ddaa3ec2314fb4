using System.Text.Json;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Somebody at work, with a pace of their own that varies from task to task (log-normally), who looks at long tasks with pulses, rests,
/// comes back, goes to the other job, gives some tasks back, asks for more time at some, and cashes out. Knows what was theirs, and
/// nothing of the others.
/// </summary>
internal sealed class Person(Caller caller, int number, Random random, IReadOnlyList<Guid> jobs)
{
    private const double Spread = 0.35;
    private static readonly TimeSpan Fastest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PulseEvery = TimeSpan.FromSeconds(5);

    /// <summary>The middle of this person's times, from fast to slow by number: 2.6 to 12 s.</summary>
    private readonly double _pace = 2.6 * Math.Pow(1.135, number);
    private Guid _job = jobs[random.Next(jobs.Count)];

    internal int Number => number;

    internal Caller Caller => caller;

    /// <summary>Own assignments, in the order in which they ended.</summary>
    internal List<Guid> Ended { get; } = [];

    internal async Task Work(CancellationToken stop)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * 8), stop);
            while (true)
            {
                // Some look in for a task or three; what they cash out then is the sum of few entries.
                var isVisit = random.Next(4) == 0;
                await Session(TimeSpan.FromSeconds(isVisit ? _pace : 30 + random.NextDouble() * 120), stop);
                if (isVisit || random.Next(4) < 3)
                    await CashOut(stop);
                await Task.Delay(TimeSpan.FromSeconds(4 + random.NextDouble() * 20), stop);
                if (random.Next(5) < 2)
                    _job = jobs[random.Next(jobs.Count)];
            }
        }
        catch (OperationCanceledException)
        {
            // The day is over; what is open is left to its lease.
        }
    }

    private async Task Session(TimeSpan lasts, CancellationToken stop)
    {
        var until = DateTimeOffset.UtcNow + lasts;
        var claim = await caller.Post($"/jobs/{_job}/claims", new { }, stop);
        for (var open = claim.Ok ? IdOf(claim.Body) : null; open is { } assignment;)
        {
            var took = await Think(assignment, stop);
            open = random.Next(33) == 0
                ? await Return(assignment, stop)
                : await Submit(assignment, took, DateTimeOffset.UtcNow > until, stop);
        }
    }

    private async Task<TimeSpan> Think(Guid assignment, CancellationToken stop)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var takes = TimeSpan.FromSeconds(_pace * Math.Exp(Spread * normal));
        takes = takes < Fastest ? Fastest + TimeSpan.FromMilliseconds(random.Next(300)) : takes;
        for (var left = takes; left > TimeSpan.Zero; left -= PulseEvery)
        {
            await Task.Delay(left < PulseEvery ? left : PulseEvery, stop);
            if (left > PulseEvery)
                await caller.Post($"/assignments/{assignment}/pulses", new { }, stop);
        }

        return takes;
    }

    /// <summary>The next task, where there is one and the session goes on.</summary>
    private async Task<Guid?> Submit(Guid assignment, TimeSpan took, bool last, CancellationToken stop)
    {
        object answer = new { text = random.Next(3) == 0 ? "yes" : "no" };
        object body = random.Next(20) == 0 ? new { answer, stop = last, askedMs = (long)took.TotalMilliseconds / 4 }
            : new { answer, stop = last };
        while (true)
        {
            var reply = await caller.Post($"/assignments/{assignment}/answer", body, CancellationToken.None);
            if (reply.Ok)
            {
                Ended.Add(assignment);
                return reply.Body.GetProperty("next") is { ValueKind: JsonValueKind.Object } next ? IdOf(next) : null;
            }

            if (!reply.Text.Contains("Submit in", StringComparison.Ordinal))
                return null;
            await Task.Delay(300, stop);
        }
    }

    private async Task<Guid?> Return(Guid assignment, CancellationToken stop)
    {
        if ((await caller.Post($"/assignments/{assignment}/return", new { }, CancellationToken.None)).Ok)
            Ended.Add(assignment);
        var claim = await caller.Post($"/jobs/{_job}/claims", new { }, stop);
        return claim.Ok ? IdOf(claim.Body) : null;
    }

    private async Task CashOut(CancellationToken stop)
    {
        var earnings = await caller.Get("/earnings", stop);
        var cents = earnings.Ok ? earnings.Long("balanceMicros") / 10_000 : 0;
        if (cents > 0)
            await caller.Post("/ledger/cash-out", new { amountMicros = cents * 10_000, destination = $"SANDBOX-{number + 1}" }, stop,
                Guid.NewGuid().ToString());
    }

    private static Guid? IdOf(JsonElement work) => work.GetProperty("assignmentId").GetGuid();
}
