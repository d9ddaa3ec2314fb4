namespace Marketplace.ServiceTests;

/// <summary>A clock that stands still until a test moves it. Loops and time-outs of the services run on real time all the same.</summary>
internal sealed class DrivenClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    internal void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
