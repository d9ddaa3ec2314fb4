namespace Marketplace.Contracts;

/// <summary>A length of time in whole milliseconds. Arithmetic is checked: an overflow throws.</summary>
/// <param name="Ms">The length in milliseconds.</param>
public readonly record struct Duration(long Ms) : IComparable<Duration>
{
    public static readonly Duration Zero;

    public static Duration Between(DateTimeOffset from, DateTimeOffset to) =>
        new((to.UtcTicks / TimeSpan.TicksPerMillisecond) - (from.UtcTicks / TimeSpan.TicksPerMillisecond));

    public static Duration Seconds(long seconds) => new(checked(seconds * 1000));

    public static Duration Max(Duration a, Duration b) => a.Ms >= b.Ms ? a : b;

    public static Duration Min(Duration a, Duration b) => a.Ms <= b.Ms ? a : b;

    public TimeSpan ToTimeSpan() => TimeSpan.FromMilliseconds(Ms);

    public int CompareTo(Duration other) => Ms.CompareTo(other.Ms);

    public static Duration operator +(Duration a, Duration b) => new(checked(a.Ms + b.Ms));

    public static Duration operator -(Duration a, Duration b) => new(checked(a.Ms - b.Ms));

    public static Duration operator *(long times, Duration a) => new(checked(times * a.Ms));

    public static bool operator <(Duration a, Duration b) => a.Ms < b.Ms;

    public static bool operator >(Duration a, Duration b) => a.Ms > b.Ms;

    public static bool operator <=(Duration a, Duration b) => a.Ms <= b.Ms;

    public static bool operator >=(Duration a, Duration b) => a.Ms >= b.Ms;
}
