using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Policy;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>
/// Settles ends of assignments, each once, all in the caller's transaction: jobs are locked in order, then the ledger; entries, postings and
/// settlements are one statement each. An end that was settled before is answered again from what is stored.
/// </summary>
internal static class SettleEnds
{
    private static readonly Counter<long> Settled = Telemetry.Meter.CreateCounter<long>("marketplace.payment.settled");
    private static readonly Counter<long> AskedAgain = Telemetry.Meter.CreateCounter<long>("marketplace.payment.ends_heard_again");

    /// <exception cref="InvalidOperationException">An end contradicts its job or what was settled before; the field is named and nothing may be committed.</exception>
    internal static async Task Handle(
        IReadOnlyList<TaskCompleted> ends, NpgsqlTransaction transaction, DateTimeOffset now, string currency, CancellationToken cancel)
    {
        var batch = Once(ends);
        var jobs = await JobQueries.Lock(transaction, batch.Select(e => e.JobId));
        var early = batch.Where(e => jobs.GetValueOrDefault(e.JobId) is not { IsPosted: true }).ToList();
        if (early.Count > 0)
            await SettlementQueries.Keep(transaction, early);

        var due = batch.Except(early).ToList();
        if (due.Count == 0)
            return;

        var head = await PostEntries.Lock(transaction, now, currency);
        var stored = await SettlementQueries.Find(transaction, due.Select(e => e.AssignmentId));
        foreach (var end in due)
            if (stored.TryGetValue(end.AssignmentId, out var before))
                Agree(before.Settlement.End(), end);
        AskedAgain.Add(stored.Count);

        var events = new List<object>(due.Where(e => stored.ContainsKey(e.AssignmentId))
            .Select(e => stored[e.AssignmentId].Settlement.Paid(stored[e.AssignmentId].EntryNumber, stored[e.AssignmentId].Salt).CausedBy(e)));
        var fresh = due.Where(e => !stored.ContainsKey(e.AssignmentId)).ToList();
        if (fresh.Count > 0)
            events.AddRange(await Settle(fresh, jobs, head, transaction));
        await Outbox.AddRange(events, transaction, cancel);
    }

    private static async Task<List<object>> Settle(
        List<TaskCompleted> ends, Dictionary<Guid, Job> jobs, LedgerHead head, NpgsqlTransaction transaction)
    {
        var batch = await Batch(ends, jobs, head, transaction);
        foreach (var end in ends)
            batch.Settle(end, RandomNumberGenerator.GetBytes(Commitment.SaltBytes));

        await PostEntries.Post(transaction, head, batch.Entries());
        await SettlementQueries.Insert(transaction, head.LastNumber + 1, [.. batch.Settled.Select(s => s.Settlement)]);
        var changed = batch.Jobs.ToList();
        await UpdateJobs(changed, head, transaction);
        Settled.Add(ends.Count);

        var events = new List<object>(batch.Settled.Select((s, i) => s.Settlement.Paid(head.LastNumber + 1 + i, s.Worker.Salt).CausedBy(ends[i])));
        events.AddRange(changed.Where(j => j.Move.Funded > j.Before.Funded).Select(j => FundJob.Funded(j.After, j.Move.Funded)));
        foreach (var requester in changed.Where(j => j.Move.Returned > Money.Zero).Select(j => j.After.RequesterId!.Value).Distinct())
            events.Add(await AddDeposit.Credited(requester, transaction));
        return events;
    }

    private static async Task<SettledBatch> Batch(
        List<TaskCompleted> ends, Dictionary<Guid, Job> jobs, LedgerHead head, NpgsqlTransaction transaction)
    {
        var policies = await PolicyQueries.All(transaction.Connection!, transaction);
        var escrows = jobs.Keys.ToDictionary(j => j, Account.Escrow);
        var workers = ends.Select(e => e.WorkerId).Distinct().ToDictionary(w => w, Account.Payable);
        var balances = await PostEntries.Balances(transaction, escrows.Values.Concat(workers.Values));

        // What we owe is a credit, which is negative.
        return new SettledBatch(
            head.LastNumber,
            jobs,
            policies.ToDictionary(p => p.Version),
            escrows.ToDictionary(e => e.Key, e => new Money(-(balances.GetValueOrDefault(e.Value.Name)?.BalanceMicros ?? 0))),
            workers.Where(w => balances.ContainsKey(w.Value.Name))
                .ToDictionary(w => w.Key, w => (new Money(-balances[w.Value.Name].BalanceMicros), balances[w.Value.Name].Version)));
    }

    private static async Task UpdateJobs(List<(Job Before, Job After, EscrowMove Move)> jobs, LedgerHead head, NpgsqlTransaction transaction)
    {
        await transaction.Connection!.ExecuteAsync(UpdateJobRows, new
        {
            Jobs = jobs.Select(j => j.After.JobId).ToArray(),
            Ended = jobs.Select(j => j.After.Ended).ToArray(),
            Funded = jobs.Select(j => j.Move.Funded).ToArray(),
            FinishedAt = jobs.Select(j => j.Move.Finishes ? head.At : j.Before.FinishedAt).ToArray(),
        }, transaction);

        foreach (var (_, after, move) in jobs.Where(j => MeasureJobs.IsNews(j.After, j.Move.Finishes)))
            await transaction.Connection!.ExecuteAsync(FundJob.InsertJobToMeasure, new { after.JobId }, transaction);
    }

    /// <summary>Each assignment once, in the order of the ids.</summary>
    private static List<TaskCompleted> Once(IReadOnlyList<TaskCompleted> ends)
    {
        var once = new SortedDictionary<Guid, TaskCompleted>();
        foreach (var end in ends)
        {
            if (once.TryGetValue(end.AssignmentId, out var first))
                Agree(first, end);
            else
                once.Add(end.AssignmentId, end);
        }

        return [.. once.Values];
    }

    private static void Agree(TaskCompleted first, TaskCompleted second)
    {
        if (Settlement.Difference(first, second) is { } field)
            throw new InvalidOperationException($"Assignment {second.AssignmentId}: {field} is not what it was when it was first heard of.");
    }

    private const string UpdateJobRows = """
        update job j
        set ended = u.ended, funded = u.funded, finished_at = u.finished_at
        from unnest(@Jobs, @Ended, @Funded, @FinishedAt::timestamptz[]) as u (job_id, ended, funded, finished_at)
        where j.job_id = u.job_id
        """;
}
