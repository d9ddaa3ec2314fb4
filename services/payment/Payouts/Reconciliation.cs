using System.Globalization;
using Marketplace.Payment.Deposits;

namespace Marketplace.Payment.Payouts;

/// <summary>A payout as the ledger has it: its last step, and whether the rail is still asked about it.</summary>
internal sealed record BookedPayout
{
    public required Guid PayoutId { get; init; }
    public required string Destination { get; init; }
    public required long AmountMicros { get; init; }

    /// <summary>issued, settled, failed or returned.</summary>
    public required string State { get; init; }
    public required bool IsOpen { get; init; }
}

/// <summary>
/// A rail's statement held against the ledger. Where both know of a payout that is still open, nothing needs to be done: the rail is asked
/// about it under its id, and what happened is booked. What cannot be true at once is a difference, for a person to clear.
/// </summary>
internal sealed record Reconciliation
{
    /// <summary>One sentence each.</summary>
    internal required IReadOnlyList<string> Differences { get; init; }

    /// <summary>Money that came in and is not booked.</summary>
    internal required IReadOnlyList<RailMovement> UnbookedDeposits { get; init; }

    /// <summary>Open payouts that the rail has done: they are booked, not sent.</summary>
    internal required int Done { get; init; }

    /// <summary>Open payouts that the rail has never heard of: they are sent, for the first time.</summary>
    internal required int Unsent { get; init; }

    /// <param name="statement">What the rail knows.</param>
    /// <param name="booked">Every payout that is open, that was issued in the statement's time, or that the statement names.</param>
    /// <param name="deposits">The references among the statement's that are booked.</param>
    /// <param name="since">Where the statement begins: older payouts need not be in it.</param>
    /// <param name="issuedAt">When a payout was issued.</param>
    internal static Reconciliation Of(
        IReadOnlyCollection<RailMovement> statement,
        IReadOnlyCollection<BookedPayout> booked,
        IReadOnlySet<string> deposits,
        DateTimeOffset since,
        Func<BookedPayout, DateTimeOffset> issuedAt)
    {
        var ledger = booked.ToDictionary(p => p.PayoutId);
        var rail = statement.Where(m => m.PayoutId is not null).ToDictionary(m => m.PayoutId!.Value);
        var unknown = rail.Values.Where(m => m.State != RailState.Failed && !ledger.ContainsKey(m.PayoutId!.Value)).Select(Unknown);
        var contradicted = booked.Where(p => rail.ContainsKey(p.PayoutId)).Select(p => Contradiction(p, rail[p.PayoutId])).OfType<string>();
        var unheard = booked.Where(p => p.State is "settled" or "returned" && issuedAt(p) >= since && !rail.ContainsKey(p.PayoutId)).Select(Unheard);
        return new()
        {
            Differences = [.. unknown, .. contradicted, .. unheard],
            UnbookedDeposits = [.. statement.Where(m => m.Reference is { } reference && !deposits.Contains(reference))],
            Done = booked.Count(p => p.IsOpen && rail.ContainsKey(p.PayoutId)),
            Unsent = booked.Count(p => p.IsOpen && !rail.ContainsKey(p.PayoutId)),
        };
    }

    private static string Unknown(RailMovement paid) => string.Create(
        CultureInfo.InvariantCulture,
        $"Payout {paid.PayoutId}: the rail paid {Amount(paid.AmountMicros)} to {paid.Destination} at {paid.At:u}, and the ledger does not know it. Find out whose it is, then: reconcile-payouts --book {paid.PayoutId}=WORKER");

    private static string Unheard(BookedPayout payout) =>
        $"Payout {payout.PayoutId}: the ledger says that {Amount(payout.AmountMicros)} arrived at {payout.Destination}, and the rail does not know it.";

    private static string? Contradiction(BookedPayout ours, RailMovement theirs) =>
        ours.AmountMicros != theirs.AmountMicros
            ? $"Payout {ours.PayoutId}: the ledger says {Amount(ours.AmountMicros)}, the rail {Amount(theirs.AmountMicros)}."
        : ours.Destination != theirs.Destination
            ? $"Payout {ours.PayoutId}: the ledger says to {ours.Destination}, the rail to {theirs.Destination}."
        : (ours.State, theirs.State) is ("failed", RailState.Settled or RailState.Returned) or ("settled" or "returned", RailState.Failed)
            ? $"Payout {ours.PayoutId}: the ledger says {ours.State}, the rail {theirs.State.ToString().ToLowerInvariant()}."
        : null;

    private static string Amount(long micros) => (micros / 1_000_000m).ToString("0.00", CultureInfo.InvariantCulture);
}
