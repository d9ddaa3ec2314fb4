using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Where a job is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
internal enum JobState
{
    [JsonStringEnumMemberName("draft")]
    Draft = 1,

    /// <summary>Posted; payment has not said yet whether its terms can be funded.</summary>
    [JsonStringEnumMemberName("posted")]
    Posted = 2,

    [JsonStringEnumMemberName("running")]
    Running = 3,

    /// <summary>Its terms cannot be funded; the money is on its way back.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused = 4,

    /// <summary>No more claims; what is in work still comes in and is paid.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed = 5,

    /// <summary>Every end is settled and the rest of the money is back on the deposit.</summary>
    [JsonStringEnumMemberName("finished")]
    Finished = 6,
}

/// <summary>A job with all that is known of it now.</summary>
internal sealed record JobView : Draft
{
    public required Guid JobId { get; init; }
    public required JobState State { get; init; }
    public required int Tasks { get; init; }

    /// <summary>Tasks times answers wanted of each.</summary>
    public required long AnswersWanted { get; init; }
    public required long Answers { get; init; }
    public required DateTimeOffset? LastAnswerAt { get; init; }

    /// <summary>How many claims the money allows since the job began; null until it is funded.</summary>
    public required long? Funded { get; init; }

    /// <summary>The most that one answer can cost.</summary>
    public required long? WorstMicros { get; init; }
    public required int? PolicyVersion { get; init; }

    /// <summary>Why the job was refused, and what would be accepted.</summary>
    public required string? Refusal { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? PostedAt { get; init; }
    public required DateTimeOffset? ClosedAt { get; init; }
    public required string? ClosedBy { get; init; }

    /// <summary>What the work took and paid, for the job as a whole; null until 5 people have worked on it, or it is finished.</summary>
    public required Measurement? Measured { get; init; }
}

/// <summary>What a job's work took and paid as a whole. Times and hourly pay only once 5 people have worked.</summary>
internal sealed record Measurement
{
    /// <summary>Under this many people, times and hourly pay would be about persons.</summary>
    public const int PeopleLeast = 5;

    public required int People { get; init; }
    public required long Submitted { get; init; }
    public required long Returned { get; init; }
    public required long Expired { get; init; }
    public required long Broken { get; init; }
    public required long PaidSubmittedMicros { get; init; }
    public required long PaidUnsubmittedMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long EscrowMicros { get; init; }
    public required long? CreditedMs { get; init; }
    public required long[] CreditedQuartilesMs { get; init; }
    public required long? MeasuredMs { get; init; }
    public required long[] HourlyQuartilesMicros { get; init; }
    public required long? HourlyLowestMicros { get; init; }
    public required long[] HourlyHistogram { get; init; }
    public required bool Finished { get; init; }

    [JsonIgnore]
    public long SpentMicros => PaidSubmittedMicros + PaidUnsubmittedMicros + FeeMicros + LevyMicros;

    [JsonIgnore]
    public bool HasTimes => People >= PeopleLeast && CreditedQuartilesMs.Length == 3;

    internal static Measurement From(JobMeasured measured)
    {
        var shown = measured.People >= PeopleLeast;
        return new()
        {
            People = measured.People,
            Submitted = measured.Submitted,
            Returned = measured.Returned,
            Expired = measured.Expired,
            Broken = measured.Broken,
            PaidSubmittedMicros = measured.PaidSubmittedMicros,
            PaidUnsubmittedMicros = measured.PaidUnsubmittedMicros,
            TopUpMicros = measured.TopUpMicros,
            FeeMicros = measured.FeeMicros,
            LevyMicros = measured.LevyMicros,
            EscrowMicros = measured.EscrowMicros,
            CreditedMs = shown ? measured.CreditedMs : null,
            CreditedQuartilesMs = shown ? measured.CreditedQuartilesMs : [],
            MeasuredMs = shown ? measured.MeasuredMs : null,
            HourlyQuartilesMicros = shown ? measured.HourlyQuartilesMicros : [],
            HourlyLowestMicros = shown ? measured.HourlyLowestMicros : null,
            HourlyHistogram = shown ? measured.HourlyHistogram : [],
            Finished = measured.Finished,
        };
    }
}

/// <summary>Reads jobs with all that is known of them.</summary>
internal static class JobViews
{
    internal static async Task<JobView?> Find(Guid jobId, Guid requester, NpgsqlConnection connection, CancellationToken cancel)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            Select + "\nwhere j.job_id = @JobId and j.requester_id = @Requester", new { JobId = jobId, Requester = requester }, cancellationToken: cancel));
        return row is null ? null : View(row);
    }

    internal static async Task<IReadOnlyList<JobView>> All(Guid requester, int most, NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Select + "\nwhere j.requester_id = @Requester\norder by j.created_at desc\nlimit @Most",
            new { Requester = requester, Most = most }, cancellationToken: cancel));
        return rows.Select(View).ToArray();
    }

    private static JobView View(Row row) => new()
    {
        JobId = row.JobId,
        State = row.PostedAt is null ? JobState.Draft
            : row.Finished == true ? JobState.Finished
            : row.Refusal is not null ? JobState.Refused
            : row.ClosedAt is not null ? JobState.Closed
            : row.Funded is null ? JobState.Posted
            : JobState.Running,
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
        LastAnswerAt = row.LastAnswerAt,
        Funded = row.Funded,
        WorstMicros = row.WorstMicros,
        PolicyVersion = row.PolicyVersion,
        Refusal = row.Refusal,
        CreatedAt = row.CreatedAt,
        PostedAt = row.PostedAt,
        ClosedAt = row.ClosedAt,
        ClosedBy = row.ClosedBy,
        Measured = row.Measured is null ? null : Measurement.From(JsonSerializer.Deserialize<JobMeasured>(row.Measured, WireJson.Options)!),
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
               a.answers, a.last_at as last_answer_at, f.funded, f.worst_micros, f.policy_version, r.why as refusal,
               c.closed_at, c.closed_by, m.finished, m.measured::text as measured
        from job j
        left join job_answers a using (job_id)
        left join job_funding f using (job_id)
        left join job_refusal r using (job_id)
        left join job_closure c using (job_id)
        left join job_measurement m using (job_id)
        """;
}
