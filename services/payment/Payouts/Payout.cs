using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Payouts;

/// <summary>Money on its way from a worker's balance to a bank account. The whole of it leaves or none.</summary>
internal sealed record Payout
{
    public required Guid PayoutId { get; init; }
    public required Guid WorkerId { get; init; }
    public required string Rail { get; init; }
    public required string Destination { get; init; }
    public required long AmountMicros { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
}

/// <summary>A step in a payout's life. Each rank happens once: issued, then settled or failed, then perhaps returned.</summary>
internal sealed record PayoutStep(int Rank, string State, string EntryKind)
{
    internal static readonly PayoutStep Issued = new(1, "issued", Ledger.EntryKind.PayoutIssued);
    internal static readonly PayoutStep Settled = new(2, "settled", Ledger.EntryKind.PayoutSettled);
    internal static readonly PayoutStep Failed = new(2, "failed", Ledger.EntryKind.PayoutFailed);
    internal static readonly PayoutStep Returned = new(3, "returned", Ledger.EntryKind.PayoutReturned);

    /// <summary>The step that a rail's answer means; null where it knows nothing yet.</summary>
    internal static PayoutStep? Of(RailState state) => state switch
    {
        RailState.Settled => Settled,
        RailState.Failed => Failed,
        RailState.Returned => Returned,
        _ => null,
    };

    /// <summary>The step of this word.</summary>
    internal static PayoutStep Named(string state) =>
        Array.Find([Issued, Settled, Failed, Returned], s => s.State == state)
        ?? throw new ArgumentOutOfRangeException(nameof(state), state, "is no step of a payout");

    /// <summary>What the worker hears of it.</summary>
    internal object ToEvent(Payout payout, long entryNumber, DateTimeOffset at, AccountBalance payable)
    {
        var balance = -payable.BalanceMicros;
        return EntryKind switch
        {
            Ledger.EntryKind.PayoutIssued => new PayoutIssued
            {
                PayoutId = payout.PayoutId, WorkerId = payout.WorkerId, Rail = payout.Rail, AmountMicros = payout.AmountMicros,
                EntryNumber = entryNumber, At = at, BalanceMicros = balance, BalanceVersion = payable.Version,
            },
            Ledger.EntryKind.PayoutSettled => new PayoutSettled
            {
                PayoutId = payout.PayoutId, WorkerId = payout.WorkerId, Rail = payout.Rail, AmountMicros = payout.AmountMicros,
                EntryNumber = entryNumber, At = at, BalanceMicros = balance, BalanceVersion = payable.Version,
            },
            Ledger.EntryKind.PayoutFailed => new PayoutFailed
            {
                PayoutId = payout.PayoutId, WorkerId = payout.WorkerId, Rail = payout.Rail, AmountMicros = payout.AmountMicros,
                EntryNumber = entryNumber, At = at, BalanceMicros = balance, BalanceVersion = payable.Version,
            },
            _ => new PayoutReturned
            {
                PayoutId = payout.PayoutId, WorkerId = payout.WorkerId, Rail = payout.Rail, AmountMicros = payout.AmountMicros,
                EntryNumber = entryNumber, At = at, BalanceMicros = balance, BalanceVersion = payable.Version,
            },
        };
    }
}
