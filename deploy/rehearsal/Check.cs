using System.Text.Json;

namespace Marketplace.Rehearsal;

/// <summary>What must hold at the end, whatever happened in between.</summary>
internal static class Check
{
    /// <summary>Checks all of it; <paramref name="record"/> is the sandbox rail's own record.</summary>
    /// <returns>What does not hold, one sentence each.</returns>
    internal static async Task<List<string>> Run(Crew crew, Acknowledged acknowledged, string record)
    {
        var wrong = await acknowledged.Repeat();
        foreach (var worker in crew.Workers)
            await CaughtUp("A worker's balance", async () =>
            {
                var owed = acknowledged.Sum("answers", worker) - acknowledged.Sum("cash-outs", worker);
                var ledger = (await worker.Get("/ledger/payouts")).Get("balanceMicros").GetInt64();
                var payslip = (await worker.Get("/earnings")).Get("balanceMicros").GetInt64();
                return (owed, ledger) == (payslip, payslip) ? null : $"is {owed} by what was acknowledged, {ledger} by the ledger, {payslip} on the payslip";
            }, wrong);

        await CaughtUp("The job", async () =>
        {
            var answers = (await crew.Requester.Get($"/api/jobs/{crew.Job}")).Get("answers").GetInt64();
            var expected = acknowledged.Of("answers").Count();
            return answers == expected ? null : $"has {answers} answers, and {expected} were acknowledged";
        }, wrong);

        await CaughtUp("The list of answers", () => Listed(crew, acknowledged.Of("answers").Count()), wrong);
        await CaughtUp("The rail", () => Task.FromResult(Paid(record, acknowledged)), wrong);
        return wrong;
    }

    /// <summary>Each acknowledged answer is in the requester's list once, by an id that does not tell when its task was claimed.</summary>
    private static async Task<string?> Listed(Crew crew, int expected)
    {
        var ids = new List<Guid>();
        for (int? after = 0; after is not null;)
        {
            var page = await crew.Requester.Get($"/api/jobs/{crew.Job}/answers?after={after}");
            ids.AddRange(page.Get("tasks").EnumerateArray().SelectMany(task => task.GetProperty("answers").EnumerateArray()).Select(IdOf));
            after = page.Get("next") is { ValueKind: JsonValueKind.Number } next ? next.GetInt32() : null;
        }

        const int ByTheClock = 7;
        var (different, timed) = (ids.Distinct().Count(), ids.Count(id => id.Version == ByTheClock));
        return (ids.Count, different, timed) == (expected, expected, 0)
            ? null
            : $"has {ids.Count} answers, {different} of them different, {timed} with an id that tells a time; {expected} were acknowledged";
    }

    /// <summary>The name under which a requester knows an answer; versions before December 2026 called it by the assignment.</summary>
    private static Guid IdOf(JsonElement answer) =>
        (answer.TryGetProperty("answerId", out var id) ? id : answer.GetProperty("assignmentId")).GetGuid();

    /// <summary>Each acknowledged cash-out went to the rail, and went once.</summary>
    private static string? Paid(string record, Acknowledged acknowledged)
    {
        var sent = File.ReadLines(record).Select(line => JsonElement.Parse(line)).Where(m => m.TryGetProperty("payoutId", out _)).ToList();
        var expected = acknowledged.Of("cash-outs").Count();
        var twice = sent.GroupBy(m => m.GetProperty("payoutId").GetString()).Count(g => g.Count() > 1);
        return (sent.Count, twice) == (expected, 0) ? null : $"made {sent.Count} payouts, {twice} of them more than once; {expected} were acknowledged";
    }

    /// <summary>Asks again for a minute: what crosses services arrives a moment later, and what requesters see moves at steps.</summary>
    private static async Task CaughtUp(string what, Func<Task<string?>> differs, List<string> wrong)
    {
        var deadline = DateTimeOffset.UtcNow.AddMinutes(1);
        while (await differs() is { } difference)
        {
            if (DateTimeOffset.UtcNow > deadline)
            {
                wrong.Add($"{what} {difference}.");
                return;
            }

            await Task.Delay(300);
        }
    }
}
