using System.Runtime.ExceptionServices;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Platform;

/// <summary>
/// Consumes many small events in one transaction, together with those of other batches that wait. When the batch fails for a reason of one message, each is handled on its
/// own: the good ones are done and acknowledged, and only the faulty go to the error queue. What the surroundings cause (a
/// lost connection, a deadlock) is tried again without end.
/// </summary>
/// <typeparam name="T">The event.</typeparam>
public abstract class BatchConsumer<T> : IConsumer<Batch<T>>
    where T : class
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Handles the messages in one transaction of its own. It must be safe to run twice with the same messages, and with
    /// the same message twice in a batch.
    /// </summary>
    protected abstract Task Handle(IReadOnlyList<T> messages, CancellationToken cancel);

    public async Task Consume(ConsumeContext<Batch<T>> context)
    {
        var batch = context.Message;
        foreach (var message in batch)
            Traces.Remember(message);

        var turn = context.GetPayload<IServiceProvider>().GetRequiredService<BatchTurn<T>>();
        T[] messages = [.. batch.Select(m => m.Message)];
        var cancel = context.CancellationToken;
        var (fault, alone) = await turn.Run(messages, all => Try(all, cancel), cancel);
        if (fault is not null && !alone)
            fault = await Try(messages, cancel);
        if (fault is null)
            return;

        if (batch.Length > 1)
            fault = await OneByOne(batch, context.CancellationToken);

        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
    }

    private async Task<Exception?> OneByOne(Batch<T> batch, CancellationToken cancel)
    {
        Exception? last = null;
        foreach (var message in batch)
        {
            var started = TimeProvider.System.GetTimestamp();
            if (await Try([message.Message], cancel) is { } fault)
                last = fault;
            else
                await message.NotifyConsumed(message, TimeProvider.System.GetElapsedTime(started), GetType().Name);
        }

        return last;
    }

    private async Task<Exception?> Try(T[] messages, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await Handle(messages, cancel);
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
