namespace Marketplace.Platform;

/// <summary>Instants as the marketplace counts them: UTC, truncated to the millisecond, from a <see cref="TimeProvider"/>.</summary>
public static class Clock
{
    /// <summary>The current instant in UTC, truncated to the millisecond.</summary>
    public static DateTimeOffset Now(this TimeProvider clock) => clock.GetUtcNow().ToMilliseconds();

    /// <summary>The instant truncated to the millisecond.</summary>
    public static DateTimeOffset ToMilliseconds(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
