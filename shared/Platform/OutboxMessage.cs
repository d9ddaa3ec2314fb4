using System.Reflection;
using System.Text.Json;
using Marketplace.Contracts;

namespace Marketplace.Platform;

/// <summary>An event that waits to be published.</summary>
internal sealed record OutboxRow
{
    public required long OutboxId { get; init; }

    /// <summary>The name of the event's type.</summary>
    public required string Event { get; init; }
    public required string Body { get; init; }
    public required string? Traceparent { get; init; }
}

/// <summary>What a message carries: the event of one row, or the <see cref="Events{T}"/> of several.</summary>
internal static class OutboxMessage
{
    private static readonly Dictionary<string, EventRoute> Routes = EventRoutes.All.ToDictionary(r => r.Event.Name);

    private static readonly Dictionary<Type, Func<OutboxRow[], object>> Join = EventRoutes.All.Where(r => r.Many).ToDictionary(
        r => r.Event,
        r => typeof(OutboxMessage).GetMethod(nameof(EventsOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(r.Event).CreateDelegate<Func<OutboxRow[], object>>());

    /// <summary>A message with several events is no longer than this many characters: an answer alone may be a megabyte.</summary>
    private const int MostCharacters = 256 * 1024;

    /// <summary>The rows that go together, in the order in which the first of each stands.</summary>
    internal static List<OutboxRow[]> Together(IEnumerable<OutboxRow> rows, int most)
    {
        var together = new List<OutboxRow[]>();
        foreach (var kind in rows.GroupBy(r => r.Event))
        {
            var limit = Routes.TryGetValue(kind.Key, out var route) && route.Many ? most : 1;
            var (message, characters) = (new List<OutboxRow>(), 0);
            foreach (var row in kind)
            {
                if (message.Count > 0 && (message.Count == limit || characters + row.Body.Length > MostCharacters))
                {
                    together.Add([.. message]);
                    (message, characters) = ([], 0);
                }

                message.Add(row);
                characters += row.Body.Length;
            }

            together.Add([.. message]);
        }

        return together;
    }

    /// <summary>What carries these rows, all of one event.</summary>
    /// <exception cref="KeyNotFoundException">There is no such event.</exception>
    /// <exception cref="JsonException">One of the rows is not of that event.</exception>
    internal static (object Message, Type Type) Of(OutboxRow[] rows)
    {
        var type = Routes[rows[0].Event].Event;
        if (rows.Length == 1)
            return (Read(rows[0], type), type);

        var message = Join[type](rows);
        return (message, message.GetType());
    }

    private static Events<T> EventsOf<T>(OutboxRow[] rows)
        where T : class => new()
        {
            All = [.. rows.Select(r => (T)Read(r, typeof(T)))],
            Parents = [.. rows.Select(r => r.Traceparent)],
        };

    private static object Read(OutboxRow row, Type type) =>
        JsonSerializer.Deserialize(row.Body, type, WireJson.Options) ?? throw new JsonException("null is no event.");
}
