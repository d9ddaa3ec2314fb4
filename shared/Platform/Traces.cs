using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.Logging;

namespace Marketplace.Platform;

/// <summary>
/// Keeps one assignment's trace whole across batches: a batch is one piece of work for many messages, so an event that it
/// causes continues the trace of the one message behind it.
/// </summary>
public static class Traces
{
    private static readonly ConditionalWeakTable<object, string> Parents = [];

    /// <summary>Says which received message an event comes from; the outbox then continues that message's trace.</summary>
    public static T CausedBy<T>(this T occurred, object message)
        where T : class
    {
        if (Parents.TryGetValue(message, out var parent))
            Parents.AddOrUpdate(occurred, parent);
        return occurred;
    }

    internal static void Remember<T>(ConsumeContext<T> received)
        where T : class => Remember(received.Message, received.Headers.Get<string>(DiagnosticHeaders.ActivityId));

    internal static void Remember(object received, string? parent)
    {
        if (!string.IsNullOrEmpty(parent))
            Parents.AddOrUpdate(received, parent);
    }

    internal static string? ParentOf(object occurred) => Parents.TryGetValue(occurred, out var parent) ? parent : null;
}
