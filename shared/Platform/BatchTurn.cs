namespace Marketplace.Platform;

/// <summary>
/// Lets messages of one event that wait for one another go as one. The broker hands them over one by one, whatever the database
/// needs for one; so what arrived while a transaction ran is the next transaction, and transactions grow with the load.
/// </summary>
/// <param name="gather">How long the first of them waits for others where nothing runs: what nobody waits for may gather.</param>
/// <typeparam name="T">The event.</typeparam>
public sealed class BatchTurn<T>(TimeSpan gather = default) : IDisposable
    where T : class
{
    /// <summary>So many events make a full transaction, and half of them one that is worth beginning; so are these many messages, whatever they hold.</summary>
    private const int MostEvents = 200;
    private const int EnoughMessages = 25;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _enough = new(0, 1);
    private readonly Queue<Waiting> _waiting = new();
    private int _eventsWaiting;

    public void Dispose()
    {
        _turn.Dispose();
        _enough.Dispose();
    }

    /// <summary>Handles these events, together with others' that wait, or has them handled by one of those. What fails together is tried once more by itself.</summary>
    /// <returns>Null, or why they could not be handled, for a reason of their own.</returns>
    public async Task<Exception?> Run(T[] events, Func<T[], Task<Exception?>> handle, CancellationToken cancel)
    {
        var mine = new Waiting(events, TimeProvider.System.GetTimestamp());
        lock (_waiting)
        {
            _waiting.Enqueue(mine);
            _eventsWaiting += events.Length;
            if ((_eventsWaiting >= MostEvents / 2 || _waiting.Count >= EnoughMessages) && _enough.CurrentCount == 0)
                _enough.Release();
        }

        // Who gives up waiting may still be handled with others; the broker then delivers again what was handled already.
        await _turn.WaitAsync(cancel);
        try
        {
            if (mine.Outcome is null && gather - TimeProvider.System.GetElapsedTime(mine.Since) is { Ticks: > 0 } early)
                await _enough.WaitAsync(early, cancel);
            while (mine.Outcome is null)
                await RunNext(mine, handle);
            var (fault, isOwn) = mine.Outcome.Value;
            return fault is null || isOwn ? fault : await handle(events);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RunNext(Waiting mine, Func<T[], Task<Exception?>> handle)
    {
        var together = Take();
        Exception? fault;
        try
        {
            fault = await handle([.. together.SelectMany(w => w.Events)]);
        }
        catch (OperationCanceledException stopped)
        {
            fault = stopped;
        }

        foreach (var each in together)
            each.Outcome = (fault, together.Count == 1 && each == mine);
    }

    /// <summary>The messages that have waited longest, as many as fit.</summary>
    private List<Waiting> Take()
    {
        lock (_waiting)
        {
            var together = new List<Waiting> { _waiting.Dequeue() };
            var events = together[0].Events.Length;
            while (_waiting.TryPeek(out var next) && events + next.Events.Length <= MostEvents)
            {
                events += next.Events.Length;
                together.Add(_waiting.Dequeue());
            }

            _eventsWaiting -= events;
            return together;
        }
    }

    private sealed class Waiting(T[] events, long since)
    {
        internal T[] Events => events;

        internal long Since => since;

        /// <summary>Null until it was handled; then why it failed, and whether that was by itself. Written and read by whoever has the turn.</summary>
        internal (Exception? Fault, bool IsOwn)? Outcome { get; set; }
    }
}
