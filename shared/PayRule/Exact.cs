using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// Products and quotients of whole numbers through 128 bits: nothing is lost on the way, and what does not fit into 64 bits
/// at the end throws <see cref="OverflowException"/>.
/// </summary>
internal static class Exact
{
    internal const long MsPerHour = 3_600_000;
    internal const long BpsPerWhole = 10_000;

    /// <summary>⌊a · b / divisor⌋ for a, b ≥ 0 and divisor > 0.</summary>
    internal static long TimesOverDown(long a, long b, long divisor) =>
        checked((long)((Int128)a * b / divisor));

    /// <summary>⌈a · b / divisor⌉ for a, b ≥ 0 and divisor > 0.</summary>
    internal static long TimesOverUp(long a, long b, long divisor) =>
        checked((long)(((Int128)a * b + divisor - 1) / divisor));

    /// <summary>What a time costs at an hourly rate, rounded up for the worker.</summary>
    internal static Money PerHour(Money rate, Duration time) =>
        new(TimesOverUp(rate.Micros, time.Ms, MsPerHour));

    /// <summary>A share in basis points, rounded down.</summary>
    internal static Money Share(Money of, int bps) => new(TimesOverDown(of.Micros, bps, BpsPerWhole));

    /// <summary>A share in basis points, rounded down.</summary>
    internal static Duration Share(Duration of, int bps) => new(TimesOverDown(of.Ms, bps, BpsPerWhole));
}
