using System.Security.Claims;
using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>The answers of a job task by task, with the majority of each, a page at a time: those that can be seen, never in the order they came in.</summary>
internal static class ListAnswers
{
    internal const int Most = 100;

    /// <param name="Tasks">Tasks that have answers, by number.</param>
    /// <param name="Next">The task number to go on after; null at the end.</param>
    /// <param name="HeldBack">As in <see cref="JobView.HeldBack"/>.</param>
    /// <param name="NextAnswersAt">As in <see cref="JobView.NextAnswersAt"/>.</param>
    internal sealed record Response(IReadOnlyList<TaskAnswers> Tasks, int? Next, long HeldBack, DateTimeOffset? NextAnswersAt);

    /// <summary>One task's answers; the excluded ones are listed and do not count.</summary>
    internal sealed record TaskAnswers(int Task, JsonElement Input, Majority? Majority, IReadOnlyList<Answer> Answers);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid jobId, int? after, int? limit, bool? tied, ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        if (limit is < 1 or > Most || after < 0)
            return Problems.Refuse(400, "That page does not exist", $"Ask for 1 to {Most} tasks after a task's number.", ("limit", $"1 to {Most}."));

        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobViewQueries.Find(jobId, user.Id(), steps, connection, cancel) is not { } job)
            return JobQueries.NotThere();
        return TypedResults.Ok(await Read(job, after ?? 0, limit ?? Most, tied ?? false, connection, cancel));
    }

    internal static async Task<Response> Read(JobView job, int after, int limit, bool tied, NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            tied ? SelectTied : SelectAnswers, new { job.JobId, job.SeenStep, After = after, Limit = limit + 1 }, cancellationToken: cancel));
        var tasks = rows.GroupBy(row => row.TaskNumber).Select(OfTask).ToArray();
        var goesOn = tasks.Length > limit;
        return new(goesOn ? tasks[..limit] : tasks, goesOn ? tasks[limit - 1].Task : null, job.HeldBack, job.NextAnswersAt);
    }

    private static TaskAnswers OfTask(IGrouping<int, Row> rows)
    {
        var answers = rows.Select(row => new Answer
        {
            AnswerId = row.AnswerId,
            Pseudonym = row.Pseudonym,
            Value = row.Value,
            SubmittedAt = Answer.HourOf(row.SubmittedAt),
            Excluded = row.Excluded,
        }).ToArray();
        var counted = answers.Where(a => !a.Excluded).Select(a => a.Value).ToArray();
        return new(rows.Key, JsonElement.Parse(rows.First().Input), counted.Length == 0 ? null : Majority.Of(counted), answers);
    }

    private sealed record Row
    {
        public required int TaskNumber { get; init; }
        public required string Input { get; init; }
        public required Guid? AnswerId { get; init; }
        public required Guid Pseudonym { get; init; }
        public required string Value { get; init; }
        public required DateTimeOffset SubmittedAt { get; init; }
        public required bool Excluded { get; init; }
    }

    private const string OfShown = """

        select a.task_number, t.input::text as input, a.answer_id, a.pseudonym,
               coalesce(a.answer ->> 'label', a.answer ->> 'text', '') as value, a.submitted_at, x.assignment_id is not null as excluded
        from shown s
        join answer a on a.job_id = @JobId and a.task_number = s.task_number and a.shown_at_step <= @SeenStep
        join task t on t.job_id = @JobId and t.number = a.task_number
        left join answer_exclusion x on x.assignment_id = a.assignment_id
        order by a.task_number, a.answer_id, a.pseudonym
        """;

    // Walks answer_key from the last task shown.
    private const string WithAnswered = """
        with shown as (
          select distinct task_number
          from answer
          where job_id = @JobId and task_number > @After and shown_at_step <= @SeenStep
          order by task_number
          limit @Limit
        )
        """;

    private const string WithTied = """
        with votes as (
          select a.task_number, count(*) as votes
          from answer a
          where a.job_id = @JobId and a.task_number > @After and a.shown_at_step <= @SeenStep
            and not exists (select from answer_exclusion x where x.assignment_id = a.assignment_id)
          group by a.task_number, coalesce(a.answer ->> 'label', a.answer ->> 'text')
        ), shown as (
          select task_number
          from (select task_number, votes, max(votes) over (partition by task_number) as most from votes) v
          where votes = most
          group by task_number
          having count(*) > 1
          order by task_number
          limit @Limit
        )
        """;

    private const string SelectAnswers = WithAnswered + OfShown;

    private const string SelectTied = WithTied + OfShown;
}
