using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Closes jobs whose life is over: as long after posting as the policy that they were funded under says.</summary>
internal sealed class CloseOldJobs(
    NpgsqlDataSource database, TimeProvider clock, OutboxSignal outbox, ILogger<CloseOldJobs> logger) : BackgroundService
{
    private const int MostAtOnce = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly StepAside<Guid> _aside = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await Sweep(stoppingToken) == MostAtOnce)
                {
                    // Until no more wait than fit in one round.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Old jobs wait to be closed");
            }
        }
    }

    /// <summary>Closes those that are due, one by one: a job that cannot be closed steps aside for the others.</summary>
    /// <returns>How many were due, at most <see cref="MostAtOnce"/>.</returns>
    private async Task<int> Sweep(CancellationToken cancel)
    {
        var now = clock.Now();
        var old = await Old(now, cancel);
        foreach (var jobId in old)
        {
            try
            {
                await Close(jobId, now, cancel);
            }
            catch (Exception e) when (StepAside.IsOfTheRow(e))
            {
                _aside.Failed(jobId);
                logger.LogWarning(e, "The old job {JobId} could not be closed; others are", jobId);
            }
        }

        outbox.Wake();
        return old.Count;
    }

    private async Task<List<Guid>> Old(DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            SelectOld, new { Now = now, Aside = _aside.Now, MostAtOnce }, cancellationToken: cancel))).AsList();
    }

    private async Task Close(Guid jobId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel); // Of its own: one that the server ended fails this job alone.
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await CloseJob.Close(jobId, CloseJob.ByJobLife, transaction, now, cancel);
        await transaction.CommitAsync(cancel);
    }

    private const string SelectOld = """
        select j.job_id
        from job j
        join job_funding f using (job_id)
        join pay_policy p on p.version = f.policy_version
        where j.posted_at + (p.policy ->> 'jobLifeMs')::bigint * interval '1 ms' <= @Now
          and not exists (select from job_closure c where c.job_id = j.job_id)
          and j.job_id <> all(@Aside)
        order by j.job_id
        limit @MostAtOnce
        """;
}
