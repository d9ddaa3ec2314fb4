using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// One worker's claim on one task, with everything that its pay depends on fixed at the claim. Open until it ends; then
/// <see cref="End"/> says how.
/// </summary>
internal sealed record Assignment
{
    public required Guid AssignmentId { get; init; }

    /// <summary>Its only name towards a requester: random, so that it says nothing of when the task was claimed.</summary>
    public required Guid PublicId { get; init; }
    public required Guid WorkerId { get; init; }
    public required Guid JobId { get; init; }
    public required int Number { get; init; }
    public required DateTimeOffset ClaimedAt { get; init; }
    public required DateTimeOffset LeaseUntil { get; init; }
    public required int TermsVersion { get; init; }
    public required int PolicyVersion { get; init; }
    public required long RewardMicros { get; init; }
    public required long EstimateMs { get; init; }
    public required long LimitMs { get; init; }
    public required long ReadingMs { get; init; }
    public required long IdleMs { get; init; }
    public required long EarliestSubmitMs { get; init; }

    /// <summary>The worker had submitted no answer of the job before: reading time counts.</summary>
    public required bool FirstOfJob { get; init; }
    public required long ActiveMs { get; init; }
    public required DateTimeOffset LastContactAt { get; init; }

    /// <summary>Null while it is open, else as in <see cref="Name"/>.</summary>
    public string? End { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public bool IsOpen => End is null;

    /// <summary>A claim made now under a job's terms. What the job measures fixes the idle limit and the earliest submit.</summary>
    internal static Assignment Claim(
        Guid assignmentId, Guid publicId, Guid workerId, Guid jobId, JobTerms terms, int termsVersion, Duration? measured, bool firstOfJob,
        DateTimeOffset now) => new()
        {
            AssignmentId = assignmentId,
            PublicId = publicId,
            WorkerId = workerId,
            JobId = jobId,
            Number = 0,
            ClaimedAt = now,
            LeaseUntil = now + terms.Lease.ToTimeSpan(),
            TermsVersion = termsVersion,
            PolicyVersion = terms.Policy.Version,
            RewardMicros = terms.Reward.Micros,
            EstimateMs = terms.Estimate.Ms,
            LimitMs = terms.Limit.Ms,
            ReadingMs = terms.Reading.Ms,
            IdleMs = terms.Idle(measured).Ms,
            EarliestSubmitMs = terms.EarliestSubmit(measured).Ms,
            FirstOfJob = firstOfJob,
            ActiveMs = 0,
            LastContactAt = now,
        };

    /// <summary>The terms that this assignment is paid by.</summary>
    internal JobTerms Terms(PayPolicy policy) => new()
    {
        Policy = policy,
        Reward = new(RewardMicros),
        Estimate = new(EstimateMs),
        Limit = new(LimitMs),
        Reading = new(ReadingMs),
    };

    /// <summary>The working time with a contact at this moment.</summary>
    internal WorkingTime ContactAt(DateTimeOffset now) => new WorkingTime(new(ActiveMs), LastContactAt).Contact(now, new(IdleMs));

    /// <summary>When it ends without its worker: with the lease, or with a contact that came between that and the sweep.</summary>
    internal DateTimeOffset ExpiresAt => LastContactAt > LeaseUntil ? LastContactAt : LeaseUntil;

    /// <summary>The time from the claim to this moment.</summary>
    internal Duration WallAt(DateTimeOffset now) => Duration.Max(Duration.Zero, Duration.Between(ClaimedAt, now));

    /// <summary>How much longer an answer is too early, zero or less once it is taken.</summary>
    internal Duration TooEarlyBy(DateTimeOffset now) => new Duration(EarliestSubmitMs) - WallAt(now);

    /// <summary>What an assignment's time is when it ends now. An expiry is no contact: the silence before it is not work.</summary>
    internal TimeSpent TimeAt(DateTimeOffset now, AssignmentEnd end, Duration asked, Duration allowanceLeft)
    {
        var wall = WallAt(now);
        var active = end == AssignmentEnd.Expired ? new Duration(ActiveMs) : ContactAt(now).Active;
        return new TimeSpent
        {
            Wall = wall,
            Active = Duration.Min(active, wall),
            Asked = asked,
            AllowanceLeft = allowanceLeft,
            FirstOfJob = FirstOfJob,
        };
    }

    /// <summary>An end as it is written in the database and on the wire.</summary>
    internal static string Name(AssignmentEnd end) => end switch
    {
        AssignmentEnd.Submitted => "submitted",
        AssignmentEnd.Returned => "returned",
        AssignmentEnd.Expired => "expired",
        AssignmentEnd.Broken => "broken",
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "Not an end of an assignment."),
    };
}
