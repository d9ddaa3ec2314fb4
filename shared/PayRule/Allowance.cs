using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// What one person may still be given without an answer in 24 hours, and how much one person works in them. The hours are
/// rolling: an assignment counts while its end is in (now − 24 h, now]. Always under the policy now in force.
/// </summary>
public static class Allowance
{
    /// <summary>The 24 hours over which the allowance and the most credited time are counted.</summary>
    public static readonly Duration Window = Duration.Seconds(24 * 3600);

    /// <summary>Ends after this moment count.</summary>
    public static DateTimeOffset CountsAfter(DateTimeOffset now) => now - Window.ToTimeSpan();

    /// <summary>What is left: base + share of submitted time − used, never negative.</summary>
    /// <param name="policy">The policy now in force.</param>
    /// <param name="submitted">Credited time of answers submitted in the window.</param>
    /// <param name="used">What ends in the window used of it.</param>
    public static Duration Left(PayPolicy policy, Duration submitted, Duration used) =>
        Duration.Max(Duration.Zero, policy.AllowanceBase + Exact.Share(submitted, policy.AllowanceShareBps) - used);

    /// <summary>No claim at or over the most credited time of a day: nobody is paid to work on.</summary>
    /// <param name="policy">The policy now in force.</param>
    /// <param name="credited">Credited time of all ends in the window.</param>
    public static bool MayClaim(PayPolicy policy, Duration credited) => credited < policy.MostCreditedIn24h;
}
