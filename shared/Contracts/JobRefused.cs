namespace Marketplace.Contracts;

/// <summary>
/// Payment → requester: the job's terms cannot be funded; its budget returns as a credit. Key: the job; first, final.
/// </summary>
public sealed record JobRefused
{
    public required Guid JobId { get; init; }

    /// <summary>Why, and what would be accepted, in a sentence for the requester.</summary>
    public required string Why { get; init; }
}
