namespace Marketplace.Contracts;

/// <summary>Requester → worker: no more claims of this job. Key: the job; a consumer keeps the first.</summary>
public sealed record JobClosed
{
    public required Guid JobId { get; init; }
}
