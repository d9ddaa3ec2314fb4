namespace Marketplace.Contracts;

/// <summary>
/// Payment → requester: all that was ever credited to a requester's deposit (money paid in and escrow released), in
/// micro-units. Key: the requester; the total only grows and a consumer keeps the largest.
/// </summary>
public sealed record DepositCredited
{
    public required Guid RequesterId { get; init; }
    public required long CreditedTotalMicros { get; init; }
}
