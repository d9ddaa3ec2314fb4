namespace Marketplace.Contracts;

/// <summary>
/// Worker → payment: the job takes no more claims, and this many were ever made; when as many ends are settled, the rest
/// of the escrow returns. Key: the job; a consumer keeps the first.
/// </summary>
public sealed record JobClaimsClosed
{
    public required Guid JobId { get; init; }
    public required long Claims { get; init; }
}
