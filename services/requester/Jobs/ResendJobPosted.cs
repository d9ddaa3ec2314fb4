using System.Diagnostics.Metrics;
using Dapper;
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
    private const int MostAtOnce = 100;

    private readonly StepAside<Guid> _aside = new();
    private readonly TimeSpan _after = TimeSpan.FromSeconds(configuration.GetValue("AskAgain:AfterSeconds", 300.0));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Clamp(_after.TotalSeconds / 4, 0.2, 60)));
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
                logger.LogWarning(e, "Jobs without an answer wait to be told again");
            }
        }
    }

    /// <summary>Tells those that are due, each in a transaction of its own: a job that cannot be told steps aside for the others.</summary>
    /// <returns>How many were due, at most <see cref="MostAtOnce"/>.</returns>
    private async Task<int> Sweep(CancellationToken cancel)
    {
        var unanswered = await Unanswered(cancel);
        foreach (var jobId in unanswered)
        {
            try
            {
                await Tell(jobId, cancel);
            }
            catch (Exception e) when (StepAside.IsOfTheRow(e))
            {
                _aside.Failed(jobId);
                logger.LogWarning(e, "The job {JobId} could not be told again; others are", jobId);
            }
        }

        outbox.Wake();
        return unanswered.Count;
    }

    private async Task<List<Guid>> Unanswered(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(DeleteAnswered, cancellationToken: cancel));
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            SelectUnanswered, new { AfterSeconds = _after.TotalSeconds, Aside = _aside.Now, MostAtOnce }, cancellationToken: cancel))).AsList();
    }

    private async Task Tell(Guid jobId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel); // Of its own: one that the server ended fails this job alone.
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await connection.QuerySingleOrDefaultAsync<Job>(new CommandDefinition(
            UpdateAsked, new { JobId = jobId, AfterSeconds = _after.TotalSeconds }, transaction, cancellationToken: cancel)) is not { } job)
            return; // Another copy of the service told it meanwhile, or the answer came.

        await Outbox.Add(job.ToEvent(), transaction, cancel);
        await transaction.CommitAsync(cancel);
        Asked.Add(1);
    }

    private const string DeleteAnswered = """
        delete from job_asked a
        where exists (select from job_funding f where f.job_id = a.job_id)
           or exists (select from job_refusal r where r.job_id = a.job_id)
        """;

    private const string SelectUnanswered = """
        select job_id
        from job_asked
        where asked_at < clock_timestamp() - @AfterSeconds * interval '1 second'
          and job_id <> all(@Aside)
        order by job_id
        limit @MostAtOnce
        """;

    private const string UpdateAsked = """
        update job_asked a
        set asked_at = clock_timestamp(),
            times = a.times + 1
        from job j
        where a.job_id = @JobId
          and a.asked_at < clock_timestamp() - @AfterSeconds * interval '1 second'
          and j.job_id = a.job_id
        returning
          j.job_id, j.requester_id, j.requester_name, j.title, j.instructions, j.kind, j.question, j.labels, j.text_column, j.image_column,
          j.reward_micros, j.estimate_ms, j.time_limit_ms, j.wanted, j.budget_micros, j.posted_budget_micros, j.leave_out, j.tasks,
          j.created_at, j.posted_at
        """;
}
