using System.Globalization;

namespace Marketplace.Auditor.Books;

/// <summary>A rule that the whole ledger keeps. Its words are in the report.</summary>
internal enum Rule
{
    LeavesAreWhatWasLogged,
    EntriesAreWhole,
    EntriesBalance,
    NothingIsOverdrawn,
    KeysComeOnce,
    PoliciesStand,
    PayFollowsThePolicy,
    PayoutsLiveLegally,
    MoneyIsThere,
    NothingWasMissing,
}

/// <summary>Something in the ledger that must not be. <see cref="Number"/> is the entry's, or 0 where it is the ledger's as a whole.</summary>
internal sealed record Finding(Rule Rule, long Number, string What)
{
    public override string ToString() => Number == 0 ? What : string.Create(CultureInfo.InvariantCulture, $"Entry {Number}: {What}");
}
