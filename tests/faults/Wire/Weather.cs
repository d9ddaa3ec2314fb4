namespace Marketplace.Faults.Wire;

/// <summary>How a proxy treats what passes, until it is told otherwise.</summary>
/// <param name="Delay">Every piece is held so long.</param>
/// <param name="CutAfterBytes">After so many bytes every connection is cut; null: never.</param>
/// <param name="Refuses">No new connection is taken.</param>
internal sealed record Weather(TimeSpan Delay = default, long? CutAfterBytes = null, bool Refuses = false)
{
    internal static readonly Weather Fair = new();
}

/// <summary>Waits on a wire for the next thing of a kind, and does something before it goes on.</summary>
/// <param name="on">What it waits for.</param>
/// <param name="skip">How many of it pass first.</param>
/// <param name="spring">Done at that moment, while the bytes are held.</param>
/// <param name="cuts">Whether the connection is cut then.</param>
internal sealed class Trap(Passing on, int skip, Action spring, bool cuts)
{
    private readonly TaskCompletionSource _sprung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = skip;

    internal Task Sprung => _sprung.Task;

    internal bool Cuts => cuts;

    /// <summary>True for the one passing that springs it.</summary>
    internal bool Meets(Passing passing)
    {
        if (passing != on || Interlocked.Decrement(ref _left) != -1)
            return false;

        spring();
        _sprung.TrySetResult();
        return true;
    }
}

/// <summary>What becomes of a piece.</summary>
internal enum Fate
{
    Goes,
    Cut,
}
