using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>
/// Settles ends of assignments, each once, all in the caller's transaction: what is locked and read is one round trip, what is written
/// another, and only new accounts, returned escrow and ends heard again need more. Those are answered from what is stored.
/// </summary>
internal static class SettleEnds
{
    private static readonly Counter<long> Settled = Telemetry.Meter.CreateCounter<long>("marketplace.payment.settled");
    private static readonly Counter<long> AskedAgain = Telemetry.Meter.CreateCounter<long>("marketplace.payment.ends_heard_again");

    /// <returns>
    /// What is still to be written, for the caller to execute, or to commit. Null where a job was posted between the two locks: roll back
    /// and handle the ends again, or they would be kept for a posting that has been.
    /// </returns>
    /// <exception cref="InvalidOperationException">An end contradicts its job or what was settled before; the field is named and nothing may be committed.</exception>
    internal static async Task<RoundTrip?> Handle(
        IReadOnlyList<TaskCompleted> ends, NpgsqlTransaction transaction, DateTimeOffset now, string currency, CancellationToken cancel)
    {
        var batch = Once(ends);
        var before = await ReadBeforeSettling.Handle(batch, transaction, now, currency);
        var writes = new RoundTrip(transaction);
        var early = batch.Where(e => before.Jobs.GetValueOrDefault(e.JobId) is not { IsPosted: true }).ToList();
        if (early.Any(e => before.Posted.Contains(e.JobId)))
            return null;
        if (early.Count > 0)
            SettlementQueries.Keep(writes, early);

        var due = batch.Except(early).ToList();
        var again = due.Where(e => before.Settled.Contains(e.AssignmentId)).ToList();
        var fresh = due.Except(again).ToList();
        var events = new List<object>();
        if (again.Count > 0)
            events.AddRange(await AnswerAgain(again, before.Head.Secret, transaction));
        if (fresh.Count > 0)
            events.AddRange(await Settle(fresh, before, writes, cancel));
        Outbox.AddRange(events, writes);
        return writes;
    }

    private static async Task<List<object>> AnswerAgain(List<TaskCompleted> ends, byte[] secret, NpgsqlTransaction transaction)
    {
        var stored = await SettlementQueries.Find(transaction, ends.Select(e => e.AssignmentId));
        foreach (var end in ends)
            Agree(stored[end.AssignmentId].Settlement.End(), end);
        AskedAgain.Add(ends.Count);
        return [.. ends.Select(e => stored[e.AssignmentId]).Zip(ends, (s, e) => s.Settlement.Paid(s.EntryNumber, s.Salt, secret).CausedBy(e))];
    }

    private static async Task<List<object>> Settle(List<TaskCompleted> ends, BeforeSettling before, RoundTrip writes, CancellationToken cancel)
    {
        var (head, batch) = (before.Head, new SettledBatch(before, ends));
        foreach (var end in ends)
            batch.Settle(end, RandomNumberGenerator.GetBytes(Commitment.SaltBytes));

        await PostEntries.Post(writes, head, batch.Entries(), before.Accounts);
        SettlementQueries.Insert(writes, head.LastNumber + 1, [.. batch.Settled.Select(s => s.Settlement)]);
        var changed = batch.Jobs.ToList();
        WriteJobs(changed, head, writes);
        Settled.Add(ends.Count);

        var events = new List<object>(batch.Settled.Select((s, i) => s.Settlement.Paid(head.LastNumber + 1 + i, s.Worker.Salt, head.Secret).CausedBy(ends[i])));
        events.AddRange(changed.Where(j => j.Move.Funded > j.Before.Funded).Select(j => FundJob.Funded(j.After, j.Move.Funded)));
        var requesters = changed.Where(j => j.Move.Returned > Money.Zero).Select(j => j.After.RequesterId!.Value).Distinct().ToList();
        if (requesters.Count > 0)
            await writes.Execute(cancel); // What they are told is read from the deposits that the entries have changed.
        foreach (var requester in requesters)
            events.Add(await AddDeposit.Credited(requester, writes.Transaction));
        return events;
    }

    private static void WriteJobs(List<(Job Before, Job After, EscrowMove Move)> jobs, LedgerHead head, RoundTrip writes)
    {
        writes.Add(UpdateJobRows, new
        {
            Jobs = jobs.Select(j => j.After.JobId).ToArray(),
            Ended = jobs.Select(j => j.After.Ended).ToArray(),
            Funded = jobs.Select(j => j.Move.Funded).ToArray(),
            FinishedAt = jobs.Select(j => j.Move.Finishes ? head.At : j.Before.FinishedAt).ToArray(),
        });
        foreach (var (_, after, _) in jobs.Where(j => MeasureJobs.IsNews(j.After, j.Move.Finishes)))
            writes.Add(FundJob.InsertJobToMeasure, new { after.JobId });
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
