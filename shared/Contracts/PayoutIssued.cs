namespace Marketplace.Contracts;

/// <summary>
/// Payment → worker: a payout left the worker's balance and is on its way. Key: the payout; its states rank issued, settled or failed, returned, and a consumer
/// keeps the highest; of the balance the one with the largest version. Money in micro-units.
/// </summary>
public sealed record PayoutIssued
{
    public required Guid PayoutId { get; init; }
    public required Guid WorkerId { get; init; }
    public required string Rail { get; init; }
    public required long AmountMicros { get; init; }
    public required long EntryNumber { get; init; }
    public required DateTimeOffset At { get; init; }
    public required long BalanceMicros { get; init; }
    public required long BalanceVersion { get; init; }
}
