using System.Runtime.ExceptionServices;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Platform;

/// <summary>
/// Consumes many small events in one transaction, those of all messages that wait together. When that fails for a reason of one message, each is handled on its own; and
/// of a message that fails with several events in it each event is: the good ones are done, and a faulty one goes back to the queue as a message of its own, which then
/// goes to the error queue alone. What the surroundings cause (a lost connection, a deadlock) is tried again without end.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public abstract class BatchConsumer<T> : IConsumer<T>, IConsumer<Events<T>>
    where T : class
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Handles the events in one transaction of its own. It must be safe to run twice with the same events, and with
    /// the same event twice in a batch.
    /// </summary>
    protected abstract Task Handle(IReadOnlyList<T> events, CancellationToken cancel);

    public async Task Consume(ConsumeContext<T> context)
    {
        Traces.Remember(context);
        if (await HandleInTurn([context.Message], context) is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }

    public async Task Consume(ConsumeContext<Events<T>> context)
    {
        var events = context.Message.All;
        foreach (var (occurred, parent) in events.Zip(context.Message.Parents))
            Traces.Remember(occurred, parent);

        if (await HandleInTurn(events, context) is null)
            return;

        var faulty = new List<T>();
        foreach (var occurred in events)
        {
            if (await Try([occurred], context.CancellationToken) is not null)
                faulty.Add(occurred);
        }

        var queue = await context.GetSendEndpoint(context.ReceiveContext.InputAddress);
        foreach (var occurred in faulty)
            await queue.Send(occurred, Messaging.Mandatory, context.CancellationToken);
    }

    private Task<Exception?> HandleInTurn(T[] events, ConsumeContext context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<BatchTurn<T>>().Run(events, all => Try(all, context.CancellationToken), context.CancellationToken);

    private async Task<Exception?> Try(T[] events, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await Handle(events, cancel);
                return null;
            }
            catch (Exception e) when (Messaging.MayPass(e))
            {
                await Task.Delay(Pause, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return e;
            }
        }
    }
}
