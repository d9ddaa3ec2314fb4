using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;

namespace Marketplace.Bench.Load;

/// <summary>
/// What the messaging library does with nothing around it: publishes an event many times at once, each with the broker's confirm, and takes it from a
/// queue of the services' kind in batches of the services' size that do nothing.
/// </summary>
internal static class BareMessages
{
    private const string Prefix = "bench.";
    private const int InFlight = 500;
    private const int BatchLimit = 200;

    internal static async Task<Sample> Run(Bench bench, int messages)
    {
        var counted = new Counted();
        var bus = Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(bench.Installation.RabbitMq, host => host.PublisherConfirmation = true);
            configure.MessageTopology.SetEntityNameFormatter(new Names());
            configure.ReceiveEndpoint(Prefix + "task-completed-queue", endpoint =>
            {
                endpoint.PrefetchCount = 2 * BatchLimit;
                endpoint.SetQuorumQueue();
                endpoint.Batch<TaskCompleted>(batch =>
                {
                    batch.MessageLimit = BatchLimit;
                    batch.TimeLimit = TimeSpan.FromMilliseconds(10);
                    batch.ConcurrencyLimit = 1;
                    batch.Consumer(() => new Consumer(counted));
                });
            });
        });
        await bus.StartAsync();
        try
        {
            await Publish(bus, InFlight);
            var (from, began) = (InFlight, TimeProvider.System.GetTimestamp());
            for (var sent = 0; sent < messages; sent += InFlight)
                await Publish(bus, InFlight);
            while (Volatile.Read(ref counted.Messages) < from + messages)
                await Task.Delay(1);
            return new Sample(messages, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        }
        finally
        {
            await bus.StopAsync();
        }
    }

    private static Task Publish(IBusControl bus, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => bus.Publish(new TaskCompleted
    {
        AssignmentId = Guid.NewGuid(),
        JobId = Guid.NewGuid(),
        WorkerId = Guid.NewGuid(),
        End = AssignmentEnd.Submitted,
        TermsVersion = 1,
        ClaimedAt = DateTimeOffset.UnixEpoch,
        EndedAt = DateTimeOffset.UnixEpoch,
        ActiveMs = 1,
        UnseenMs = 0,
        AllowanceLeftMs = 0,
        FirstOfJob = false,
    })));

    private sealed class Counted
    {
        internal int Messages;
    }

    private sealed class Consumer(Counted counted) : IConsumer<Batch<TaskCompleted>>
    {
        public Task Consume(ConsumeContext<Batch<TaskCompleted>> context)
        {
            Interlocked.Add(ref counted.Messages, context.Message.Length);
            return Task.CompletedTask;
        }
    }

    private sealed class Names : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => Topology.ExchangeName(Prefix, typeof(T));
    }
}
