using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>
/// Asks again where nobody answered: a job that was posted and neither funded nor refused is told once more. In real time,
/// whatever the clock says; the count of these should be 0.
/// </summary>
internal sealed class ResendJobPosted(
    NpgsqlDataSource database, IConfiguration configuration, OutboxSignal outbox, ILogger<ResendJobPosted> logger) : BackgroundService
{
    private static readonly Counter<long> Asked = Telemetry.Meter.CreateCounter<long>("marketplace.asked_again.job_posted");
    private readonly TimeSpan _after = TimeSpan.FromSeconds(configuration.GetValue("AskAgain:AfterSeconds", 300.0));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Clamp(_after.TotalSeconds / 4, 0.2, 60)));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Jobs without an answer wait to be told again");
            }
        }
    }

    private async Task Sweep(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(DeleteAnswered, cancellationToken: cancel));
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var unanswered = (await connection.QueryAsync<Job>(new CommandDefinition(
            SelectUnanswered, new { AfterSeconds = _after.TotalSeconds }, transaction, cancellationToken: cancel))).AsList();
        if (unanswered.Count == 0)
            return;

        await Outbox.AddRange(unanswered.Select(TryToEvent).OfType<JobPosted>().ToArray(), transaction, cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            UpdateAsked, new { JobIds = unanswered.Select(job => job.JobId).ToArray() }, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        outbox.Wake();
        Asked.Add(unanswered.Count);
    }

    /// <summary>A job that cannot be told is marked as told all the same, so that its turn comes again after the others'.</summary>
    private JobPosted? TryToEvent(Job job)
    {
        try
        {
            return job.ToEvent();
        }
        catch (InvalidOperationException e)
        {
            logger.LogWarning(e, "The job {JobId} cannot be told", job.JobId);
            return null;
        }
    }

    private const string DeleteAnswered = """
        delete from job_asked a
        where exists (select from job_funding f where f.job_id = a.job_id)
           or exists (select from job_refusal r where r.job_id = a.job_id)
        """;

    private const string SelectUnanswered = """
        select j.job_id, j.requester_id, j.requester_name, j.title, j.instructions, j.kind, j.question, j.labels, j.text_column,
               j.image_column, j.reward_micros, j.estimate_ms, j.time_limit_ms, j.wanted, j.budget_micros, j.posted_budget_micros,
               j.leave_out, j.tasks, j.created_at, j.posted_at
        from job_asked a
        join job j using (job_id)
        where a.asked_at < clock_timestamp() - @AfterSeconds * interval '1 second'
        order by a.job_id
        limit 100
        for update of a skip locked
        """;

    private const string UpdateAsked = """
        update job_asked
        set asked_at = clock_timestamp(),
            times = times + 1
        where job_id = any(@JobIds)
        """;
}
