using System.Text;
using Marketplace.Contracts;
using Marketplace.Platform;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.Requeuer;

/// <summary>
/// Messages that a consumer gave up on (<c>QUEUE_error</c>), that no consumer knew (<c>QUEUE_skipped</c>) or that the broker took away (<c>dead</c>). Putting one back
/// publishes it to the queue it came from, waits until the broker has it there, and only then takes it from where it was
/// parked: a crash in between leaves it twice, which every consumer bears, and never lost.
/// </summary>
internal static class ParkedMessages
{
    /// <summary>Puts back what is parked now; what fails again meanwhile waits for the next time.</summary>
    /// <returns>The program's exit status.</returns>
    internal static async Task<int> PutBack(Uri broker, string queue)
    {
        await using var connection = await Connect(broker);
        var found = false;
        foreach (var parked in BesideIt(queue))
        {
            if (await Waiting(connection, parked) is not { } count)
                continue;
            found = true;
            if (!await PutBack(connection, parked, count, queue))
                return 1;
        }

        if (!found)
            Console.Error.WriteLine($"There is no queue {string.Join(" or ", BesideIt(queue))}. Call deploy/requeue without a name to see which hold messages.");
        return found ? 0 : 1;
    }

    private static async Task<bool> PutBack(IConnection connection, string parked, uint count, string queue)
    {
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var channel = await connection.CreateChannelAsync(confirmed);
        var moved = 0;
        for (; moved < count && await channel.BasicGetAsync(parked, autoAck: false) is { } message; moved++)
        {
            var destination = queue == Topology.DeadQueue ? QueueItDiedIn(message.BasicProperties) : queue;
            if (destination is null)
            {
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
                Console.Error.WriteLine("A message does not say which queue it came from; it stays where it is.");
                return false;
            }

            await channel.BasicPublishAsync("", destination, mandatory: true, Afresh(message.BasicProperties), message.Body);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        }

        Console.WriteLine($"{moved} messages of {parked} were put back.");
        return true;
    }

    /// <summary>Says which queues hold parked messages, and how many.</summary>
    /// <returns>The program's exit status.</returns>
    internal static async Task<int> Count(Uri broker)
    {
        await using var connection = await Connect(broker);
        var queues = from route in EventRoutes.All
                     from service in route.To
                     select Topology.QueueName("", service, route.Event);
        var total = 0u;
        foreach (var queue in queues.Append(Topology.DeadQueue))
        {
            var waiting = 0u;
            foreach (var parked in BesideIt(queue))
                waiting += await Waiting(connection, parked) ?? 0;
            total += waiting;
            if (waiting > 0)
                Console.WriteLine($"{waiting,8}  {queue}");
        }

        Console.WriteLine(total == 0 ? "No message is parked." : "Put them back with: deploy/requeue QUEUE");
        return 0;
    }

    /// <summary>Where a queue's messages are parked: the dead are their own.</summary>
    private static string[] BesideIt(string queue) => queue == Topology.DeadQueue ? [queue] : [$"{queue}_error", $"{queue}_skipped"];

    private static Task<IConnection> Connect(Uri broker) =>
        new ConnectionFactory { Uri = broker, ClientProvidedName = "marketplace requeue" }.CreateConnectionAsync();

    /// <summary>How many messages a queue holds; null when there is no such queue, which closes the channel that asked.</summary>
    private static async Task<uint?> Waiting(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return null;
        }
    }

    private static string? QueueItDiedIn(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue("x-first-death-queue", out var queue) == true && queue is byte[] name
            ? Encoding.UTF8.GetString(name)
            : null;

    /// <summary>The message as it was first sent: without the story of its failure, so that the next one is told from its start.</summary>
    private static BasicProperties Afresh(IReadOnlyBasicProperties properties)
    {
        var fresh = new BasicProperties(properties);
        if (fresh.Headers is { } headers)
        {
            fresh.Headers = headers
                .Where(h => !h.Key.StartsWith("x-", StringComparison.Ordinal) && !h.Key.StartsWith("MT-Fault-", StringComparison.Ordinal))
                .ToDictionary(h => h.Key, h => h.Value);
        }

        return fresh;
    }
}
