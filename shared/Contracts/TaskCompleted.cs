namespace Marketplace.Contracts;

/// <summary>
/// Worker → payment: an assignment ended. Every end sends one, and again while payment has not answered with
/// <see cref="WorkerPaid"/>. No answer in it. Key: the assignment; a consumer keeps the first. Times in ms.
/// </summary>
public sealed record TaskCompleted
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required Guid WorkerId { get; init; }
    public required AssignmentEnd End { get; init; }

    /// <summary>The version of the job's terms that the claim was made under.</summary>
    public required int TermsVersion { get; init; }
    public required DateTimeOffset ClaimedAt { get; init; }
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Working time by the contacts that the server saw.</summary>
    public required long ActiveMs { get; init; }

    /// <summary>min(asked, wall − active): time without contacts that the worker says was work.</summary>
    public required long UnseenMs { get; init; }

    /// <summary>What was left of the worker's allowance when the assignment ended.</summary>
    public required long AllowanceLeftMs { get; init; }

    /// <summary>No answer of this job had been submitted by this worker before the claim's end: reading time counts.</summary>
    public required bool FirstOfJob { get; init; }
}
