using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>The lives of payouts: issued; then settled or failed, once; returned at most once, after it was settled; always the same amount.</summary>
internal sealed class Payouts
{
    private readonly Dictionary<UInt128, (string Step, Int128 Amount)> _known = [];

    /// <summary>Payouts that were issued.</summary>
    internal long Seen => _known.Count;

    /// <summary>What is wrong with this step, or null.</summary>
    internal string? Take(PayoutStep step)
    {
        var known = _known.TryGetValue(step.Payout, out var before);
        var legal = step.Kind switch
        {
            "payout-issued" => !known,
            "payout-settled" or "payout-failed" => known && before.Step == "payout-issued",
            "payout-returned" => known && before.Step == "payout-settled",
            _ => false,
        };
        if (!legal)
            return known ? $"a {step.Kind} after {before.Step} is no life of a payout" : $"a {step.Kind} of a payout that was never issued";
        if (known && before.Amount != step.Amount)
            return $"it moves {step.Amount} micro-units of a payout of {before.Amount}";
        if (step.Amount <= 0)
            return "a payout moves nothing";
        if (!step.IsSomebodys)
            return "it is about a worker and has no commitment";

        _known[step.Payout] = (step.Kind, step.Amount);
        return null;
    }
}

/// <summary>One step of a payout's life, and the number of its entry.</summary>
internal readonly record struct PayoutStep(long Number, string Kind, UInt128 Payout, Int128 Amount, bool IsSomebodys)
{
    /// <summary>Of an entry; null where it is about no payout.</summary>
    internal static PayoutStep? Of(Entry entry) =>
        entry.Payout is { } payout ? new(entry.Number, entry.Kind, payout, entry.Debits, entry.Commitment is not null) : null;

    /// <summary>Which of two steps of one payout comes first, where both became public together.</summary>
    internal int Rank => Kind switch { "payout-issued" => 1, "payout-returned" => 3, _ => 2 };
}
