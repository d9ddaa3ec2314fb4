using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Settlement;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Escrow;

/// <summary>
/// Brings a job's money up to date after anything was heard of it, in whatever order: books what its budget grew by, returns at once what a
/// refused or finished job does not need, settles ends that came before the job, and answers with what is known.
/// </summary>
internal static class FundJob
{
    internal static async Task Handle(Guid jobId, NpgsqlTransaction transaction, DateTimeOffset now, string currency, CancellationToken cancel)
    {
        var job = (await JobQueries.Lock(transaction, [jobId]))[jobId];
        if (!job.IsPosted)
            return;

        var escrow = Account.Escrow(jobId);
        var head = await PostEntries.Lock(transaction, now, currency);
        var balances = await PostEntries.Balances(transaction, [escrow]);
        var move = job.Next(new Money(-(balances.GetValueOrDefault(escrow.Name)?.BalanceMicros ?? 0)));

        await PostEntries.Post(transaction, head, Entries(job, move));
        await transaction.Connection!.ExecuteAsync(
            UpdateJob,
            new { job.JobId, job.BudgetTotalMicros, move.Funded, FinishedAt = move.Finishes ? head.At : job.FinishedAt },
            transaction);
        if (move.Finishes)
            await transaction.Connection!.ExecuteAsync(InsertJobToMeasure, new { job.JobId }, transaction);

        await Outbox.AddRange(await Answers(job, move, transaction), transaction, cancel);
        if (job.IsFunded && await PendingEnds(jobId, transaction) is { Length: > 0 } ends)
            await (await SettleEnds.Handle(ends, transaction, now, currency, cancel))!.Execute(cancel); // The job is locked, and posted.
    }

    /// <summary>The entries that a move of a job's escrow needs: none where it moves nothing.</summary>
    internal static List<Entry> Entries(Job job, EscrowMove move)
    {
        var (requester, total) = (job.RequesterId!.Value, new Money(job.BudgetTotalMicros));
        var entries = new List<Entry>();
        if (move.Grown > Money.Zero)
            entries.Add(Entry.JobFunded(job.JobId, requester, total, move.Grown));
        if (move.Returned > Money.Zero)
            entries.Add(Entry.EscrowReturned(job.JobId, requester, total, move.Returned));
        return entries;
    }

    /// <summary>How many claims the job's money allows, as its requester and the workers hear it.</summary>
    internal static JobFunded Funded(Job job, long funded) => new()
    {
        JobId = job.JobId,
        Funded = funded,
        WorstMicros = job.WorstMicros!.Value,
        PolicyVersion = job.PolicyVersion!.Value,
    };

    private static async Task<List<object>> Answers(Job job, EscrowMove move, NpgsqlTransaction transaction)
    {
        var answers = new List<object>
        {
            job.IsRefused
                ? new JobRefused { JobId = job.JobId, Why = job.RefusedWhy! }
                : Funded(job, move.Funded),
        };
        if (job.IsRefused || job.HasEnded)
            answers.Add(await AddDeposit.Credited(job.RequesterId!.Value, transaction));
        return answers;
    }

    private static async Task<TaskCompleted[]> PendingEnds(Guid jobId, NpgsqlTransaction transaction)
    {
        var bodies = await transaction.Connection!.QueryAsync<string>(TakePendingEnds, new { JobId = jobId }, transaction);
        return [.. bodies.Select(b => JsonSerializer.Deserialize<TaskCompleted>(b, WireJson.Options)!)];
    }

    private const string UpdateJob = """
        update job
        set budget_booked_micros = @BudgetTotalMicros, funded = @Funded, finished_at = @FinishedAt
        where job_id = @JobId
        """;

    internal const string InsertJobToMeasure = """
        insert into job_to_measure (job_id)
        values (@JobId)
        on conflict (job_id) do nothing
        """;

    private const string TakePendingEnds = """
        delete from pending_end
        where job_id = @JobId
        returning body::text
        """;
}
