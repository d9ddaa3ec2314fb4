namespace Marketplace.Contracts;

/// <summary>
/// Payment → worker: a payout that had arrived was sent back; its money is back on the balance. Key: the payout; its states rank issued, settled or failed, returned, and a consumer
/// keeps the highest; of the balance the one with the largest version. Money in micro-units.
/// </summary>
public sealed record PayoutReturned
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
