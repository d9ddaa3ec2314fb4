using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Closes jobs whose life is over: as long after posting as the policy that they were funded under says.</summary>
internal sealed class CloseOldJobs(
    NpgsqlDataSource database, TimeProvider clock, OutboxSignal outbox, ILogger<CloseOldJobs> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                logger.LogWarning(e, "Old jobs wait to be closed");
            }
        }
    }

    internal async Task Sweep(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var now = clock.Now();
        var old = await connection.QueryAsync<Guid>(new CommandDefinition(SelectOld, new { Now = now }, transaction, cancellationToken: cancel));
        foreach (var jobId in old)
            await CloseJob.Close(jobId, CloseJob.ByJobLife, transaction, now, cancel);
        await transaction.CommitAsync(cancel);
        outbox.Wake();
    }

    private const string SelectOld = """
        select j.job_id
        from job j
        join job_funding f using (job_id)
        join pay_policy p on p.version = f.policy_version
        where j.posted_at + (p.policy ->> 'jobLifeMs')::bigint * interval '1 ms' <= @Now
          and not exists (select from job_closure c where c.job_id = j.job_id)
        order by j.job_id
        limit 100
        for update of j skip locked
        """;
}
