namespace Marketplace.Contracts;

/// <summary>
/// Requester → payment: all that was ever set aside for a job, in micro-units. Key: the job; a consumer keeps the largest.
/// </summary>
public sealed record JobBudgetRaised
{
    public required Guid JobId { get; init; }
    public required Guid RequesterId { get; init; }
    public required long BudgetTotalMicros { get; init; }
}
