using System.Collections.Concurrent;
using Marketplace.Contracts;
using Marketplace.Platform;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.Faults.Machine;

/// <summary>The broker as its administrator sees it: how long queues are, copies of what passed, and messages taken out and put back.</summary>
internal sealed class Queues(Uri broker)
{
    private const int MostKept = 4_000;
    private readonly ConcurrentQueue<Passed> _passed = new();

    /// <summary>A message that went to a queue.</summary>
    internal sealed record Passed(string Queue, byte[] Body, BasicProperties Properties);

    private static IEnumerable<(Type Event, string Queue)> All =>
        from route in EventRoutes.All
        from service in route.To
        select (route.Event, Topology.QueueName("", service, route.Event));

    /// <summary>Messages that wait in the services' queues, and those that were given up: in <c>_error</c>, <c>_skipped</c> and <c>dead</c>.</summary>
    internal async Task<(long Waiting, IReadOnlyDictionary<string, long> GivenUp)> Count(CancellationToken cancel)
    {
        await using var connection = await Connect(cancel);
        var (waiting, givenUp) = (0L, new Dictionary<string, long>());
        foreach (var (_, queue) in All)
        {
            waiting += await Length(connection, queue, cancel) ?? 0;
            foreach (var parked in new[] { $"{queue}_error", $"{queue}_skipped" })
                if (await Length(connection, parked, cancel) is > 0 and var count)
                    givenUp[parked] = count;
        }

        if (await Length(connection, Topology.DeadQueue, cancel) is > 0 and var dead)
            givenUp[Topology.DeadQueue] = dead;
        return (waiting, givenUp);
    }

    /// <summary>The length of one queue.</summary>
    internal async Task<long> LengthOf(string queue, CancellationToken cancel)
    {
        await using var connection = await Connect(cancel);
        return await Length(connection, queue, cancel) ?? 0;
    }

    /// <summary>Listens to every event until cancelled, through queues of our own, and comes back when the broker does.</summary>
    internal async Task Listen(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await ListenOnce(cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                await Task.Delay(500, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Puts copies of past messages into their queues, in no order.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> Repeat(Random random, int most, CancellationToken cancel)
    {
        var copies = _passed.ToArray();
        random.Shuffle(copies);
        await using var connection = await Connect(cancel);
        await using var channel = await Confirmed(connection, cancel);
        var count = 0;
        foreach (var copy in copies.Take(most))
        {
            await channel.BasicPublishAsync("", copy.Queue, mandatory: true, copy.Properties, copy.Body, cancel);
            count++;
        }

        return count;
    }

    /// <summary>A message that went to the queue, once there is one.</summary>
    internal async Task<Passed> OneOf(string queue, CancellationToken cancel)
    {
        while (true)
        {
            if (_passed.FirstOrDefault(p => p.Queue == queue) is { } passed)
                return passed;
            await Task.Delay(200, cancel);
        }
    }

    /// <summary>Puts messages into a queue, a thousand confirms at a time.</summary>
    internal async Task Publish(string queue, Passed like, IEnumerable<byte[]> bodies, CancellationToken cancel)
    {
        await using var connection = await Connect(cancel);
        await using var channel = await Confirmed(connection, cancel);
        foreach (var some in bodies.Chunk(1_000))
            await Task.WhenAll(some.Select(body => channel.BasicPublishAsync("", queue, mandatory: true, like.Properties, body, cancel).AsTask()));
    }

    /// <summary>Consumes beside the services for a while, holds what it gets, and puts it back in another order.</summary>
    /// <returns>How many messages were held.</returns>
    internal async Task<int> Shuffle(Random random, TimeSpan holdFor, CancellationToken cancel)
    {
        await using var connection = await Connect(cancel);
        await using var channel = await Confirmed(connection, cancel);
        await channel.BasicQosAsync(0, 50, global: false, cancel);
        var held = new ConcurrentQueue<(string Queue, BasicDeliverEventArgs Delivery, byte[] Body)>();
        var tags = new List<string>();
        foreach (var (_, queue) in All)
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                held.Enqueue((queue, delivery, delivery.Body.ToArray()));
                return Task.CompletedTask;
            };
            tags.Add(await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancel));
        }

        await Task.Delay(holdFor, cancel);
        foreach (var tag in tags)
            await channel.BasicCancelAsync(tag, cancellationToken: cancel);
        var all = held.ToArray();
        random.Shuffle(all);
        foreach (var (queue, delivery, body) in all)
        {
            // Back first, then acknowledged: whoever dies in between has it twice, never not at all.
            await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(delivery.BasicProperties), body, cancel);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancel);
        }

        return all.Length;
    }

    private static async Task<long?> Length(IConnection connection, string queue, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancel)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return null;
        }
    }

    private static Task<IChannel> Confirmed(IConnection connection, CancellationToken cancel) =>
        connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);

    private Task<IConnection> Connect(CancellationToken cancel) =>
        new ConnectionFactory { Uri = broker, ClientProvidedName = "faults", AutomaticRecoveryEnabled = false, ContinuationTimeout = TimeSpan.FromSeconds(10) }
            .CreateConnectionAsync(cancel);

    private async Task ListenOnce(CancellationToken cancel)
    {
        await using var connection = await Connect(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            over.TrySetResult();
            return Task.CompletedTask;
        };
        foreach (var (type, queue) in All)
        {
            var ears = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, cancellationToken: cancel)).QueueName;
            await channel.QueueBindAsync(ears, Topology.ExchangeName("", type), "", cancellationToken: cancel);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                _passed.Enqueue(new(queue, delivery.Body.ToArray(), new BasicProperties(delivery.BasicProperties)));
                if (_passed.Count > MostKept)
                    _passed.TryDequeue(out var _);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(ears, autoAck: true, consumer, cancel);
        }

        await over.Task.WaitAsync(cancel);
    }
}
