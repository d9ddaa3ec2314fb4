namespace Marketplace.Contracts;

/// <summary>
/// Payment → requester, worker: how many claims the job's money allows. Key: the job; the number only grows and a
/// consumer keeps the largest. The policy version is fixed by the first and holds to the job's end.
/// </summary>
public sealed record JobFunded
{
    public required Guid JobId { get; init; }
    public required long Funded { get; init; }

    /// <summary>The most one assignment of the job can cost, in micro-units.</summary>
    public required long WorstMicros { get; init; }
    public required int PolicyVersion { get; init; }
}
