namespace Marketplace.Platform;

/// <summary>
/// Several events of one kind in one message: a message costs the broker and both services many times what an event in it costs. Only events that are consumed
/// many at a time (<see cref="BatchConsumer{T}"/>) travel so, and one that is alone travels as itself.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public sealed record Events<T>
    where T : class
{
    /// <summary>In the order of the outbox.</summary>
    public required T[] All { get; init; }

    /// <summary>The trace that each of them continues, as W3C's <c>traceparent</c>; null where it continues none.</summary>
    public required string?[] Parents { get; init; }
}
