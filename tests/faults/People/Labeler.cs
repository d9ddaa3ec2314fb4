using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Marketplace.Faults.People;

/// <summary>A worker at work: claims, pulses, submits, returns, reports, vanishes and comes back, cashes out.</summary>
internal sealed class Labeler(Caller caller, Memory memory, Random random, OpenJobs jobs)
{
    private static readonly string[] Destinations = ["SANDBOX-1", "SANDBOX-1", "SANDBOX-13", "SANDBOX-17"];

    /// <param name="stop">The work is over: what is begun is brought to its end.</param>
    /// <param name="patience">When even that has taken too long.</param>
    internal async Task Work(CancellationToken stop, CancellationToken patience)
    {
        memory.Workers.Add(caller.Account);
        Guid? open = null;
        while (!stop.IsCancellationRequested)
        {
            if (random.Next(25) == 0)
                await CashOut(patience);
            open ??= await Claim(patience);
            if (open is { } assignment)
                open = await Do(assignment, stop, patience);
            else
                await Task.Delay(random.Next(200, 500), CancellationToken.None);
        }

        // Somebody leaves with a task open; its lease will end it.
        if (open is { } last && random.Next(3) > 0)
            await Submit(last, stop: true, patience);
    }

    private async Task<Guid?> Claim(CancellationToken patience)
    {
        if (jobs.Any(random) is not { } job)
            return null;
        var reply = await caller.Post($"/jobs/{job}/claims", new { }, patience);
        return reply.Ok ? Keep(reply.Body) : null;
    }

    /// <summary>Works on an assignment; what is open afterwards.</summary>
    private async Task<Guid?> Do(Guid assignment, CancellationToken stop, CancellationToken patience)
    {
        await Task.Delay(random.Next(60, 350), CancellationToken.None);
        if (random.Next(4) == 0)
        {
            await caller.Post($"/assignments/{assignment}/pulses", new { }, patience);
            await Task.Delay(random.Next(60, 1200), CancellationToken.None);
        }

        switch (random.Next(40))
        {
            case < 4:
                await End(assignment, "return", "returned", patience);
                return null;
            case 4:
                await End(assignment, "broken", "broken", patience);
                return null;
            case 5:
                // Vanishes for longer than the lease, or nearly; then claims as if nothing had been.
                await Task.Delay(random.Next(3_000, 6_000), stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                return null;
            default:
                return await Submit(assignment, stop.IsCancellationRequested || random.Next(8) == 0, patience);
        }
    }

    private async Task<Guid?> Submit(Guid assignment, bool stop, CancellationToken patience)
    {
        var text = $"{assignment:n} {random.Next()}";
        object body = random.Next(6) == 0 ? new { answer = new { text }, stop, askedMs = random.Next(2_000) } : new { answer = new { text }, stop };
        for (var early = 0; early < 20; early++)
        {
            var reply = await caller.Post($"/assignments/{assignment}/answer", body, patience);
            if (reply.Ok)
            {
                var claim = memory.Claims[assignment];
                memory.KeepSubmit(assignment, new(claim.Worker, claim.Job, claim.Task, text, reply.Long("payMicros"), reply.Long("creditedMs")));
                return reply.Body.GetProperty("next") is { ValueKind: JsonValueKind.Object } next ? Keep(next) : null;
            }

            if (reply.Text.Contains("answered this before", StringComparison.Ordinal))
                memory.Contradictions.Add($"The only answer to {assignment} was told to be another one: {reply.Text}");
            if (!reply.Text.Contains("Submit in", StringComparison.Ordinal))
                return null;
            await Task.Delay(150, CancellationToken.None);
        }

        // A clock that went back says that it is too early for longer than anybody waits.
        await End(assignment, "return", "returned", patience);
        return null;
    }

    private async Task End(Guid assignment, string verb, string end, CancellationToken patience)
    {
        var reply = await caller.Post($"/assignments/{assignment}/{verb}", new { }, patience);
        if (reply.Ok && reply.Body.ValueKind == JsonValueKind.Object)
            memory.Ends.TryAdd(assignment, new(caller.Account, end, reply.Long("payMicros"), reply.Long("creditedMs")));
    }

    private async Task CashOut(CancellationToken patience)
    {
        var earnings = await caller.Get("/earnings", patience);
        var most = earnings.Ok ? earnings.Long("balanceMicros") / 10_000 : 0;
        if (most < 1)
            return;

        var request = new { amountMicros = random.NextInt64(1, most + 1) * 10_000, destination = Destinations[random.Next(Destinations.Length)] };
        var reply = await caller.Post("/ledger/cash-out", request, patience, $"{caller.Account:n}-{random.Next().ToString(CultureInfo.InvariantCulture)}");
        if (reply.Ok)
            memory.CashOuts.Add(new(caller.Account, reply.Guid("payoutId"), reply.Word("publicKey"), reply.Long("amountMicros"), request.destination));
        else if (reply.Status != HttpStatusCode.Conflict)
            memory.Contradictions.Add($"A good cash-out was refused: {reply.Text}");
    }

    private Guid Keep(JsonElement work)
    {
        var assignment = work.GetProperty("assignmentId").GetGuid();
        memory.KeepClaim(assignment, new(caller.Account, work.GetProperty("jobId").GetGuid(), work.GetProperty("taskNumber").GetInt32()));
        return assignment;
    }
}
