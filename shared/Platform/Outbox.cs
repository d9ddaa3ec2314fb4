using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Events that a transaction causes, written with it and published after it. A row is deleted only once the broker has
/// confirmed its event, so that an event is published at least once whatever dies in between.
/// </summary>
public static class Outbox
{
    /// <summary>Adds an event to the transaction.</summary>
    public static Task Add<T>(T occurred, NpgsqlTransaction transaction, CancellationToken cancel)
        where T : class => AddRange([occurred], transaction, cancel);

    /// <summary>Adds several events to the transaction in one statement.</summary>
    public static async Task AddRange<T>(IReadOnlyCollection<T> occurred, NpgsqlTransaction transaction, CancellationToken cancel)
        where T : class
    {
        var writes = new RoundTrip(transaction);
        AddRange(occurred, writes);
        await writes.Execute(cancel);
    }

    /// <summary>Adds several events to what is written in one round trip. Each keeps its own type, so they may be of several kinds.</summary>
    public static void AddRange<T>(IReadOnlyCollection<T> occurred, RoundTrip writes)
        where T : class
    {
        if (occurred.Count == 0)
            return;

        writes.Add(InsertOutbox, new
        {
            Events = occurred.Select(e => e.GetType().Name).ToArray(),
            Bodies = occurred.Select(e => JsonSerializer.Serialize(e, e.GetType(), WireJson.Options)).ToArray(),
            Parents = occurred.Select(e => Traces.ParentOf(e) ?? Activity.Current?.Id).ToArray(),
        });
    }

    private const string InsertOutbox = """
        insert into outbox (event, body, traceparent)
        select e, b::jsonb, p
        from unnest(@Events::text[], @Bodies::text[], @Parents::text[]) as o (e, b, p)
        """;
}

/// <summary>Wakes the relay of this process as soon as a transaction with events has committed; the relay's poll is the fallback.</summary>
public sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim _ready = new(0, 1);

    public void Wake()
    {
        try
        {
            _ready.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }

    public void Dispose() => _ready.Dispose();

    internal Task Wait(TimeSpan atMost, CancellationToken cancel) => _ready.WaitAsync(atMost, cancel);
}

/// <summary>JSON between services: camel case, enums by name, nothing left out.</summary>
public static class WireJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
}
