namespace Marketplace.Ui;

/// <summary>What every page of one installation says in the same way.</summary>
public sealed record Installation
{
    /// <summary>The name beside the emblem and at the end of every title.</summary>
    public string Name { get; init; } = "Marketplace";

    /// <summary>The ISO 4217 code after every amount.</summary>
    public string Currency { get; init; } = "EUR";

    /// <summary>Days and moments are those of this zone.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;
}

/// <summary>Asks a service for the floor in force, in micro-units an hour; null while no policy is known.</summary>
public delegate Task<long?> FloorInForce(CancellationToken cancel);

/// <summary>The floor as the foot of every page says it: asked for at most once a minute.</summary>
public sealed class FloorLine(FloorInForce? ask = null)
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(1);
    private long? _floor;
    private DateTimeOffset _askedAt;

    /// <summary>The floor in force in micro-units an hour; null when it is not known now.</summary>
    public async Task<long?> MicrosPerHour(CancellationToken cancel)
    {
        if (ask is null || (_floor is not null && DateTimeOffset.UtcNow - _askedAt < Keep))
            return _floor;
        try
        {
            _floor = await ask(cancel);
            _askedAt = DateTimeOffset.UtcNow;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A page is worth more than its foot: an error page must not fail because the database is away.
        }
        return _floor;
    }
}
