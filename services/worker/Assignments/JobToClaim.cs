using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Worker.Assignments;

/// <summary>A posted job as a claim sees it, with the claiming worker's cursor in its tasks.</summary>
internal sealed record JobToClaim
{
    public required Guid JobId { get; init; }
    public required Guid RequesterId { get; init; }
    public required long RewardMicros { get; init; }
    public required long? EstimateMs { get; init; }
    public required long? TimeLimitMs { get; init; }
    public required int InstructionWords { get; init; }
    public required int TermsVersion { get; init; }

    /// <summary>Null while payment has not funded the job.</summary>
    public required int? PolicyVersion { get; init; }
    public required long? MeasuredMs { get; init; }

    /// <summary>Tasks that have arrived, of those announced.</summary>
    public required int Tasks { get; init; }
    public required int AnnouncedTasks { get; init; }
    public required long Opened { get; init; }
    public required DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The worker's cursor; null before the first claim.</summary>
    public required int? AtNumber { get; init; }
    public required long SeenOpened { get; init; }
    public required int Claims { get; init; }
    public required int Submitted { get; init; }

    /// <summary>Of these, what is submitted with this claim and is not written down yet: taking a task writes it.</summary>
    public int SubmittedNow { get; init; }

    /// <summary>The job's terms under the policy it was funded with; null where they break that policy, which payment then never funds.</summary>
    internal JobTerms? Terms(PayPolicy policy) => JobTerms.Resolve(
        policy,
        new(RewardMicros),
        EstimateMs is { } estimate ? new Duration(estimate) : null,
        TimeLimitMs is { } limit ? new Duration(limit) : null,
        InstructionWords).Terms;
}
