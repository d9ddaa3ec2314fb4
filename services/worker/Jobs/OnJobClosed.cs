using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>
/// Closes a job's open slots in bounded steps, then tells payment how many claims were ever made. Each step waits for the claims in
/// flight on its rows, and from the first no slot is opened any more: when no slot is open, the number is final.
/// </summary>
internal sealed class OnJobClosed(NpgsqlDataSource database, TimeProvider clock, OutboxSignal outbox) : IConsumer<JobClosed>
{
    private const int MostAtOnce = 500;

    public async Task Consume(ConsumeContext<JobClosed> context)
    {
        var jobId = context.Message.JobId;
        await using (var connection = await database.OpenConnectionAsync(context.CancellationToken))
            await connection.ExecuteAsync(UpsertClosure, new { JobId = jobId, Now = clock.Now() });

        while (!await CloseSome(jobId, context.CancellationToken))
        {
        }

        outbox.Wake();
    }

    private async Task<bool> CloseSome(Guid jobId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await JobQueries.LockOrInsert(jobId, transaction);

        var closed = await connection.ExecuteScalarAsync<int>(CloseTasks, new { JobId = jobId, MostAtOnce }, transaction);
        if (closed == 0)
        {
            var claims = await connection.ExecuteScalarAsync<long>(UpdateClaims, new { JobId = jobId }, transaction);
            await Outbox.Add(new JobClaimsClosed { JobId = jobId, Claims = claims }, transaction, cancel);
        }

        await transaction.CommitAsync(cancel);
        return closed == 0;
    }

    private const string UpsertClosure = """
        insert into job (job_id, closed_at)
        values (@JobId, @Now)
        on conflict (job_id) do update
        set closed_at = coalesce(job.closed_at, excluded.closed_at)
        """;

    // Walks task_open. What was open and never claimed is taken out of `opened` again.
    private const string CloseTasks = """
        with pick as (
          select number, open
          from task
          where job_id = @JobId and is_open
          order by number
          limit @MostAtOnce
          for no key update
        ),
        closing as (
          update task
          set open = 0,
              is_open = false
          where job_id = @JobId and number = any(array(select number from pick))
          returning number
        )
        update job
        set opened = opened - (select coalesce(sum(pick.open), 0) from pick)
        where job_id = @JobId
        returning (select count(*) from closing)
        """;

    private const string UpdateClaims = """
        update job
        set claims = coalesce(claims, opened)
        where job_id = @JobId
        returning claims
        """;
}
