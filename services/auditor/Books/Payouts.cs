using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>The lives of payouts: issued; then settled or failed, once; returned at most once, after it was settled; always the same amount.</summary>
internal sealed class Payouts
{
    private readonly Dictionary<UInt128, (string Step, long Amount)> _open = [];

    /// <summary>What is wrong with this step, or null.</summary>
    internal string? Take(Entry entry)
    {
        if (entry.Payout is not { } payout)
            return null;

        var amount = entry.Postings.Sum(p => Math.Max(0, p.Amount));
        var known = _open.TryGetValue(payout, out var before);
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

        _open[payout] = (entry.Kind, amount);
        return null;
    }
}
