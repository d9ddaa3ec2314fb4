using System.Runtime.ExceptionServices;
using MassTransit;

namespace Marketplace.Platform;

/// <summary>
/// Consumes many small events in one transaction. When the batch fails for a reason of one message, each is handled on its
/// own: the good ones are done and acknowledged, and only the faulty go to the error queue.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public abstract class BatchConsumer<T> : IConsumer<Batch<T>>
    where T : class
{
    /// <summary>
    /// Handles the messages in one transaction of its own. It must be safe to run twice with the same messages, and with
    /// the same message twice in a batch.
    /// </summary>
    protected abstract Task Handle(IReadOnlyList<T> messages, CancellationToken cancel);

    public async Task Consume(ConsumeContext<Batch<T>> context)
    {
        var batch = context.Message;
        try
        {
            await Handle(batch.Select(m => m.Message).ToArray(), context.CancellationToken);
            return;
        }
        catch (Exception e) when (batch.Length > 1 && !Messaging.MayPass(e) && e is not OperationCanceledException)
        {
            // One of them is poison; which one shows below.
        }

        await OneByOne(batch, context.CancellationToken);
    }

    private async Task OneByOne(Batch<T> batch, CancellationToken cancel)
    {
        Exception? fault = null;
        foreach (var message in batch)
        {
            var started = TimeProvider.System.GetTimestamp();
            try
            {
                await Handle([message.Message], cancel);
                await message.NotifyConsumed(message, TimeProvider.System.GetElapsedTime(started), GetType().Name);
            }
            catch (Exception e) when (!Messaging.MayPass(e) && e is not OperationCanceledException)
            {
                fault = e;
            }
        }

        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
    }
}
