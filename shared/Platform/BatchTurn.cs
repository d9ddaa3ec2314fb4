namespace Marketplace.Platform;

/// <summary>
/// Lets batches of one event that wait for one another go as one. The broker hands batches over by the clock, whatever the database
/// needs for one; so what arrived while a transaction ran is the next transaction, and transactions grow with the load.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class BatchTurn<T> : IDisposable
    where T : class
{
    private const int MostMessages = 200;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<Waiting> _waiting = new();

    public void Dispose() => _turn.Dispose();

    /// <summary>Handles these messages, together with others' that wait, or has them handled by one of those.</summary>
    /// <returns>Null, or why they could not be handled; and whether they were alone, so that the reason is theirs.</returns>
    public async Task<(Exception? Fault, bool Alone)> Run(T[] messages, Func<T[], Task<Exception?>> handle, CancellationToken cancel)
    {
        var mine = new Waiting(messages);
        lock (_waiting)
            _waiting.Enqueue(mine);

        // Who gives up waiting may still be handled with others; the broker then delivers again what was handled already.
        await _turn.WaitAsync(cancel);
        try
        {
            while (mine.Outcome is null)
                await RunNext(handle);
            return mine.Outcome.Value;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RunNext(Func<T[], Task<Exception?>> handle)
    {
        var together = Take();
        Exception? fault;
        try
        {
            fault = await handle([.. together.SelectMany(w => w.Messages)]);
        }
        catch (OperationCanceledException stopped)
        {
            fault = stopped;
        }

        foreach (var each in together)
            each.Outcome = (fault, together.Count == 1);
    }

    /// <summary>The batches that have waited longest, as many as fit.</summary>
    private List<Waiting> Take()
    {
        lock (_waiting)
        {
            var together = new List<Waiting> { _waiting.Dequeue() };
            for (var messages = together[0].Messages.Length; _waiting.TryPeek(out var next) && (messages += next.Messages.Length) <= MostMessages;)
                together.Add(_waiting.Dequeue());
            return together;
        }
    }

    private sealed record Waiting(T[] Messages)
    {
        /// <summary>Null until it was handled. Written and read by whoever has the turn.</summary>
        internal (Exception? Fault, bool Alone)? Outcome { get; set; }
    }
}
