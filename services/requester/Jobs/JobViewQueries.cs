using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Reads jobs with all that is known of them.</summary>
internal static class JobViewQueries
{
    internal static async Task<JobView?> Find(
        Guid jobId, Guid requester, PublicationSteps steps, NpgsqlConnection connection, CancellationToken cancel)
    {
        var step = await steps.Last(connection, cancel);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            Select + "\nwhere j.job_id = @JobId and j.requester_id = @Requester",
            new { JobId = jobId, Requester = requester, Step = step }, cancellationToken: cancel));
        return row is null ? null : View(row, step, steps);
    }

    internal static async Task<IReadOnlyList<JobView>> All(
        Guid requester, int most, PublicationSteps steps, NpgsqlConnection connection, CancellationToken cancel)
    {
        var step = await steps.Last(connection, cancel);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Select + "\nwhere j.requester_id = @Requester\norder by j.created_at desc\nlimit @Most",
            new { Requester = requester, Most = most, Step = step }, cancellationToken: cancel));
        return rows.Select(row => View(row, step, steps)).ToArray();
    }

    private static JobState State(Row row) =>
        row.PostedAt is null ? JobState.Draft
        : row.Finished == true ? JobState.Finished
        : row.Refusal is not null ? JobState.Refused
        : row.ClosedAt is not null ? JobState.Closed
        : row.Funded is null ? JobState.Posted
        : JobState.Running;

    private static JobView View(Row row, long step, PublicationSteps steps)
    {
        var state = State(row);
        var measured = row.Measured is null ? null : Measurement.From(JsonSerializer.Deserialize<JobMeasured>(row.Measured, WireJson.Options)!);
        var missing = Math.Max(0, (long)row.Tasks * row.Wanted - (row.Answers ?? 0));
        var heldBack = steps.IsAtOnce || state is not (JobState.Running or JobState.Closed) ? 0 : missing;
        return View(row, state, measured) with
        {
            HeldBack = heldBack,
            NextAnswersAt = heldBack > 0 ? steps.NextAt : null,
            SeenStep = state == JobState.Finished ? long.MaxValue : step,
        };
    }

    private static JobView View(Row row, JobState state, Measurement? measured) => new()
    {
        JobId = row.JobId,
        State = state,
        Title = row.Title,
        Instructions = row.Instructions,
        Kind = row.Kind,
        Question = row.Question,
        Labels = row.Labels,
        TextColumn = row.TextColumn,
        ImageColumn = row.ImageColumn,
        RewardMicros = row.RewardMicros,
        EstimateMs = row.EstimateMs,
        TimeLimitMs = row.TimeLimitMs,
        Wanted = row.Wanted,
        BudgetMicros = row.BudgetMicros,
        LeaveOut = row.LeaveOut,
        Tasks = row.Tasks,
        AnswersWanted = (long)row.Tasks * row.Wanted,
        Answers = row.Answers ?? 0,
        LastAnswerAt = row.LastAnswerAt is { } last ? Results.Answer.HourOf(last) : null,
        HeldBack = 0,
        NextAnswersAt = null,
        Funded = row.Funded is null ? null : Measurement.Funded(measured, row.BudgetMicros ?? 0, row.WorstMicros ?? 0),
        WorstMicros = row.WorstMicros,
        PolicyVersion = row.PolicyVersion,
        Refusal = row.Refusal,
        CreatedAt = row.CreatedAt,
        PostedAt = row.PostedAt,
        ClosedAt = row.ClosedAt,
        ClosedBy = row.ClosedBy,
        Measured = measured,
    };

    private sealed record Row : Draft
    {
        public required Guid JobId { get; init; }
        public required int Tasks { get; init; }
        public required long? Answers { get; init; }
        public required DateTimeOffset? LastAnswerAt { get; init; }
        public required long? Funded { get; init; }
        public required long? WorstMicros { get; init; }
        public required int? PolicyVersion { get; init; }
        public required string? Refusal { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset? PostedAt { get; init; }
        public required DateTimeOffset? ClosedAt { get; init; }
        public required string? ClosedBy { get; init; }
        public required bool? Finished { get; init; }
        public required string? Measured { get; init; }
    }

    private const string Select = """
        select j.job_id, j.title, j.instructions, j.kind, j.question, j.labels, j.text_column, j.image_column, j.reward_micros,
               j.estimate_ms, j.time_limit_ms, j.wanted, j.budget_micros, j.leave_out, j.tasks, j.created_at, j.posted_at,
               case when a.shown_at_step <= @Step or m.finished then a.answers else a.answers_before end as answers,
               case when a.shown_at_step <= @Step or m.finished then a.last_at else a.last_at_before end as last_answer_at,
               f.funded, f.worst_micros, f.policy_version, r.why as refusal, c.closed_at, c.closed_by, m.finished,
               case when m.shown_at_step <= @Step or m.finished then m.measured else m.measured_before end::text as measured
        from job j
        left join job_answers a using (job_id)
        left join job_funding f using (job_id)
        left join job_refusal r using (job_id)
        left join job_closure c using (job_id)
        left join job_measurement m using (job_id)
        """;
}
