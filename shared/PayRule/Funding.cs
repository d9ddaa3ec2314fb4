using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// How many claims a job's money allows. With P ends settled, C claims made, escrow X, holds H and worst case W the rule
/// keeps <c>X − H ≥ (n − P)·W ≥ (C − P)·W ≥ 0</c>: an end takes at most W and raises P by one, so the number never falls,
/// whatever is lost, late, doubled or reordered, and no claim is ever without its money.
/// </summary>
public static class Funding
{
    /// <summary>n = P + ⌊(X − H) / W⌋: claims allowed since the job began.</summary>
    /// <param name="ended">P: ends settled.</param>
    /// <param name="escrow">X: what is left of the budget.</param>
    /// <param name="holds">H: the part of the escrow that is kept for ends in question; at most <paramref name="escrow"/>.</param>
    /// <param name="worst">W: the most one assignment can cost.</param>
    public static long Funded(long ended, Money escrow, Money holds, Money worst)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ended);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(holds, escrow);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(worst, Money.Zero);
        return checked(ended + (escrow - holds).Micros / worst.Micros);
    }

    /// <summary>How many more claims may be made now; 0 where the job pauses for money.</summary>
    /// <param name="funded">The largest n heard.</param>
    /// <param name="claims">C: claims ever made.</param>
    public static long MayClaim(long funded, long claims) => Math.Max(0, funded - claims);
}
