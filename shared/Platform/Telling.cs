using Dapper;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Events of one kind that a service can tell again, because its present state still says them. Telling again is safe at any time: every
/// consumer keeps the first or the largest.
/// </summary>
/// <param name="Event">Their word, as it is printed.</param>
/// <param name="Tell">Tells those of what happened since an instant or is still open, and returns how many they were.</param>
public sealed record Telling(string Event, Func<NpgsqlDataSource, DateTimeOffset, CancellationToken, Task<long>> Tell)
{
    private const int AtOnce = 500;

    /// <summary>Events that rows say, each as <paramref name="toEvent"/> has it.</summary>
    /// <param name="sql">Selects the rows; <c>@Since</c> is the instant.</param>
    /// <param name="toEvent">The event that a row says.</param>
    /// <typeparam name="TRow">The row.</typeparam>
    /// <typeparam name="TEvent">The event, or the base of several.</typeparam>
    public static Telling OfRows<TRow, TEvent>(string sql, Func<TRow, TEvent> toEvent)
        where TEvent : class =>
        Of((connection, since) => connection.QueryUnbufferedAsync<TRow>(sql, new { Since = since }).Select(toEvent));

    /// <summary>Events as <paramref name="read"/> finds them, one after the other: only some are in memory at a time.</summary>
    /// <typeparam name="TEvent">The event, or the base of several.</typeparam>
    public static Telling Of<TEvent>(Func<NpgsqlConnection, DateTimeOffset, IAsyncEnumerable<TEvent>> read)
        where TEvent : class =>
        new(Topology.EventName(typeof(TEvent)), async (database, since, cancel) =>
        {
            var told = 0L;
            await using var reading = await database.OpenConnectionAsync(cancel);
            await foreach (var events in read(reading, since).Chunk(AtOnce).WithCancellation(cancel))
            {
                await using var writing = await database.OpenConnectionAsync(cancel);
                await using var transaction = await writing.BeginTransactionAsync(cancel);
                await Outbox.AddRange(events, transaction, cancel);
                await transaction.CommitAsync(cancel);
                told += events.Length;
            }

            return told;
        });
}
