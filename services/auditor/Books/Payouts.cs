using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>The lives of payouts: issued; then settled or failed, once; returned at most once, after it was settled; always the same amount.</summary>
internal sealed class Payouts
{
    private readonly Dictionary<UInt128, (string Step, Int128 Amount)> _known = [];

    /// <summary>Payouts that were issued.</summary>
    internal long Seen => _known.Count;

    /// <summary>What is wrong with this step, or null.</summary>
    internal string? Take(Entry entry)
    {
        if (entry.Payout is not { } payout)
            return null;

        var amount = entry.Debits;
        var known = _known.TryGetValue(payout, out var before);
        var legal = entry.Kind switch
        {
            "payout-issued" => !known,
            "payout-settled" or "payout-failed" => known && before.Step == "payout-issued",
            "payout-returned" => known && before.Step == "payout-settled",
            _ => false,
        };
        if (!legal)
            return known ? $"a {entry.Kind} after {before.Step} is no life of a payout" : $"a {entry.Kind} of a payout that was never issued";
        if (known && before.Amount != amount)
            return $"it moves {amount} micro-units of a payout of {before.Amount}";
        if (amount <= 0)
            return "a payout moves nothing";
        if (entry.Commitment is null)
            return "it is about a worker and has no commitment";

        _known[payout] = (entry.Kind, amount);
        return null;
    }
}
