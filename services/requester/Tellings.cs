using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Npgsql;

namespace Marketplace.Requester;

/// <summary>
/// What this service can tell again: jobs that were not over by then, with their budgets and closings; and their tasks, by putting the
/// feeder's cursor back to the front.
/// </summary>
internal static class Tellings
{
    internal static readonly IReadOnlyList<Telling> All =
    [
        Telling.OfRows<Job, JobPosted>(SelectPosted, job => job.ToEvent()),
        Telling.OfRows<JobBudgetRaised, JobBudgetRaised>(SelectRaised, raised => raised),
        Telling.OfRows<JobClosed, JobClosed>(SelectClosed, closed => closed),
        new(Topology.EventName(typeof(TaskPosted)), FeedAgain),
    ];

    /// <returns>The tasks that will be fed again.</returns>
    private static async Task<long> FeedAgain(NpgsqlDataSource database, DateTimeOffset since, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(UpdateCursors, new { Since = since }, cancellationToken: cancel));
    }

    private const string SelectPosted = """
        select j.job_id, j.requester_id, j.requester_name, j.title, j.instructions, j.kind, j.question, j.labels, j.text_column,
               j.image_column, j.reward_micros, j.estimate_ms, j.time_limit_ms, j.wanted, j.budget_micros, j.posted_budget_micros,
               j.leave_out, j.tasks, j.created_at, j.posted_at
        from job j
        where j.posted_at is not null
          and not exists (select from job_measurement m where m.job_id = j.job_id and m.finished and m.heard_at < @Since)
          and not exists (select from job_refusal r where r.job_id = j.job_id and r.heard_at < @Since)
        """;

    private const string SelectRaised = """
        select j.job_id, j.requester_id, j.budget_micros as budget_total_micros
        from job j
        where j.posted_at is not null and j.budget_micros > j.posted_budget_micros
          and not exists (select from job_measurement m where m.job_id = j.job_id and m.finished and m.heard_at < @Since)
        """;

    private const string SelectClosed = """
        select c.job_id
        from job_closure c
        where not exists (select from job_measurement m where m.job_id = c.job_id and m.finished and m.heard_at < @Since)
        """;

    private const string UpdateCursors = """
        with again as (
          update job j
          set fed = 0
          where j.posted_at is not null and j.fed > 0
            and not exists (select from job_closure c where c.job_id = j.job_id)
            and not exists (select from job_refusal r where r.job_id = j.job_id)
            and not exists (select from job_measurement m where m.job_id = j.job_id and m.finished)
          returning j.tasks
        )
        select coalesce(sum(tasks), 0)::bigint
        from again
        """;
}
