using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests;

/// <summary>The messages that a service has handled since, to the acknowledgement: what a test waits for that shows that one changed nothing.</summary>
internal sealed class HandledMessages : IReceiveObserver, IDisposable
{
    private readonly ConnectHandle _handle;
    private readonly ConcurrentQueue<string> _bodies = new();

    internal HandledMessages(RunningService service) => _handle = service.Services.GetRequiredService<IBus>().ConnectReceiveObserver(this);

    /// <summary>How many of them speak of it.</summary>
    internal int Of(Guid thing) => _bodies.Count(b => b.Contains(thing.ToString(), StringComparison.Ordinal));

    public void Dispose() => _handle.Disconnect();

    public Task PostReceive(ReceiveContext context)
    {
        _bodies.Enqueue(context.Body.GetString());
        return Task.CompletedTask;
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}
