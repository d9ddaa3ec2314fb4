using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Rows that a loop failed at and that step aside, so that one which always fails holds up no other: for a second at first, then for twice as
/// long each time, up to a minute. Kept in memory: a service that starts again tries all at once.
/// </summary>
/// <param name="clock">Real time, as loops run on; tests drive it.</param>
/// <typeparam name="T">What names a row.</typeparam>
public sealed class StepAside<T>(TimeProvider? clock = null)
    where T : notnull
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Dictionary<T, (DateTimeOffset Until, TimeSpan Wait)> _rows = [];
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>The rows that are not to be taken now.</summary>
    public T[] Now
    {
        get
        {
            lock (_rows)
            {
                var now = _clock.GetUtcNow();

                // One that nobody took for so long after its time is gone or done.
                foreach (var (row, aside) in _rows.Where(r => now - r.Value.Until > 10 * Longest).ToArray())
                    _rows.Remove(row);
                return [.. _rows.Where(r => r.Value.Until > now).Select(r => r.Key)];
            }
        }
    }

    /// <summary>The row failed once more.</summary>
    public void Failed(T row)
    {
        lock (_rows)
        {
            var wait = _rows.TryGetValue(row, out var aside) ? TimeSpan.FromTicks(Math.Min(2 * aside.Wait.Ticks, Longest.Ticks)) : First;
            _rows[row] = (_clock.GetUtcNow() + wait, wait);
        }
    }
}

/// <summary>Whose failure it was.</summary>
public static class StepAside
{
    /// <summary>True where the row is to blame; false where the database is away or two transactions got in each other's way: then all wait.</summary>
    public static bool IsOfTheRow(Exception failure) => failure is not (OperationCanceledException or NpgsqlException { IsTransient: true });
}
