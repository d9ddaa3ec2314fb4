using System.Text;

namespace Marketplace.Faults.People;

/// <summary>A requester at work: pays in, posts, raises, closes; and at the end closes all that is open.</summary>
internal sealed class Poster(Caller caller, Memory memory, Random random, OpenJobs jobs)
{
    private const int MostOpen = 2;
    private readonly List<Guid> _open = [];

    /// <param name="stop">The work is over: what is begun is brought to its end.</param>
    /// <param name="patience">When even that has taken too long.</param>
    internal async Task Work(CancellationToken stop, CancellationToken patience)
    {
        memory.Requesters.Add(caller.Account);
        await Deposit(patience);
        while (!stop.IsCancellationRequested)
        {
            switch (random.Next(10))
            {
                case < 4 when _open.Count < MostOpen:
                    await PostJob(stop, patience);
                    break;
                case < 7 when _open.Count > 0:
                    await Raise(_open[random.Next(_open.Count)], patience);
                    break;
                case 7:
                    await Deposit(patience);
                    break;
                case 8 when _open.Count == MostOpen:
                    await Close(_open[random.Next(_open.Count)], patience);
                    break;
            }

            await Task.Delay(random.Next(100, 900), CancellationToken.None);
        }

        foreach (var job in _open.ToArray())
            await Close(job, patience);
    }

    private async Task Deposit(CancellationToken patience)
    {
        var reply = await caller.Post("/ledger/deposits", new { amountMicros = random.Next(100, 300) * 10_000L }, patience, Key());
        if (reply.Ok)
            memory.Deposits.Add(new(caller.Account, reply.Word("publicKey"), reply.Long("amountMicros")));
        else
            memory.Contradictions.Add($"A good deposit was refused: {reply.Text}");
    }

    private async Task PostJob(CancellationToken stop, CancellationToken patience)
    {
        var (tasks, wanted) = (random.Next(5, 40), random.Next(1, 4));
        var draft = new
        {
            title = $"Job {random.Next():x}",
            question = "What is it?",
            kind = "text",
            instructions = string.Join(' ', Enumerable.Repeat("word", random.Next(6))),
            textColumn = "text",
            rewardMicros = random.Next(4_200, 7_000),
            estimateMs = 1_000,
            wanted,
            budgetMicros = random.Next(9_000, 500_000),
        };
        var made = await caller.Post("/api/jobs", draft, patience);
        var job = made.Guid("jobId");
        var csv = new StringBuilder("text\n");
        for (var n = 1; n <= tasks; n++)
            csv.Append("Thing ").Append(n).Append('\n');
        await caller.PostCsv($"/api/jobs/{job}/upload?name=things.csv", csv.ToString(), patience);

        // The deposit may still be on its way from payment: the same request under the same key until it is there.
        for (var (key, attempt) = (Key(), 0); attempt < 40 && !stop.IsCancellationRequested; attempt++)
        {
            var posted = await caller.Post($"/api/jobs/{job}/post", new { }, patience, key);
            if (posted.Ok)
            {
                memory.KeepBudget(job, new(caller.Account, tasks, wanted, posted.Long("budgetMicros")));
                _open.Add(job);
                jobs.Add(job);
                return;
            }

            if (!posted.Text.Contains("not enough", StringComparison.Ordinal))
            {
                memory.Contradictions.Add($"A good job was refused: {posted.Text}");
                return;
            }

            await Task.Delay(250, CancellationToken.None);
        }
    }

    private async Task Raise(Guid job, CancellationToken patience)
    {
        var reply = await caller.Post($"/api/jobs/{job}/budget", new { addMicros = random.Next(1_000, 120_000) }, patience, Key());
        if (reply.Ok)
            memory.KeepBudget(job, memory.Jobs[job] with { BudgetMicros = reply.Long("budgetMicros") });
    }

    private async Task Close(Guid job, CancellationToken patience)
    {
        var reply = await caller.Post($"/api/jobs/{job}/close", new { }, patience);
        if (!reply.Ok)
            memory.Contradictions.Add($"A job could not be closed: {reply.Text}");
        _open.Remove(job);
        jobs.Remove(job);
    }

    private string Key() => new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256))]).ToString();
}
