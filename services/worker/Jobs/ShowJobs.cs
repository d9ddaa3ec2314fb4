using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>
/// Writes down at each step what the list of jobs says until the next one, since a list that counted live would tell anybody who asks again and again
/// when each task was taken. Right at the step and by itself, and not when somebody looks: who looks would choose the moment then. A job that is new
/// is written down as soon as it has an open task.
/// </summary>
internal sealed class ShowJobs(NpgsqlDataSource database, PublicationSteps steps, ILogger<ShowJobs> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (steps.IsAtOnce)
            return;

        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                await LookOnce(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "The list of jobs stays as it was at the last step");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookOnce(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var statement = await steps.Make(transaction, cancel) ? UpsertAll : InsertNew;
        await connection.ExecuteAsync(new CommandDefinition(
            statement, new { Most = OfferedJob.MostKept }, transaction, commandTimeout: 120, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }

    // Jobs come from job_offered, their open tasks from task_open, those that wait from task_unopened.
    private const string UpsertAll = """
        delete from job_shown s
        using job
        where job.job_id = s.job_id and job.closed_at is not null;

        insert into job_shown (job_id, numbers, waits, measured)
        select
          job.job_id,
          array(select t.number from task t where t.job_id = job.job_id and t.is_open order by t.number limit @Most),
          exists (select from task t where t.job_id = job.job_id and t.unopened > 0),
          job.measured
        from job
        where job.posted_at is not null and job.closed_at is null and job.policy_version is not null
          and (exists (select from job_shown s where s.job_id = job.job_id)
            or exists (select from task t where t.job_id = job.job_id and t.is_open))
        order by job.job_id
        on conflict (job_id) do update
        set numbers = excluded.numbers,
            waits = excluded.waits,
            measured = excluded.measured
        where (job_shown.numbers, job_shown.waits, job_shown.measured) is distinct from (excluded.numbers, excluded.waits, excluded.measured)
        """;

    // Who claims in the second before a job is listed is not counted in what is left, and nobody else is told of that.
    private const string InsertNew = """
        insert into job_shown (job_id, numbers, waits)
        select
          job.job_id,
          array(select t.number from task t where t.job_id = job.job_id and t.is_open order by t.number limit @Most),
          exists (select from task t where t.job_id = job.job_id and t.unopened > 0)
        from job
        where job.posted_at is not null and job.closed_at is null and job.policy_version is not null
          and not exists (select from job_shown s where s.job_id = job.job_id)
          and exists (select from task t where t.job_id = job.job_id and t.is_open)
        order by job.job_id
        on conflict (job_id) do nothing
        """;
}
