using System.Net.Sockets;
using System.Text;
using Marketplace.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.Platform;

/// <summary>Where the broker is, and how it is used.</summary>
/// <param name="Uri">Where it is, with the service's own login.</param>
/// <param name="TopologyUri">The same with the login that may declare everything.</param>
/// <param name="Prefix">What every name on it begins with: empty but in tests.</param>
/// <param name="EventsPerMessage">
/// How many small events of a kind go in one message at most (<see cref="Events{T}"/>): fewer than fit one transaction where they are heard, so that what waits there in
/// memory stays small. 1 while copies of a version run that only knows messages of one event.
/// </param>
public sealed record BrokerSettings(Uri Uri, Uri TopologyUri, string Prefix, int EventsPerMessage = 25);

/// <summary>
/// The broker's exchanges, queues and bindings, all of them, made from the table in <see cref="EventRoutes"/>. Each service
/// declares the whole at its start: an event published when one of its two queues does not exist yet would be confirmed and
/// lost for that one.
/// </summary>
public static class Topology
{
    public const string DeadQueue = "dead";

    /// <summary>A low limit would throw away the whole healthy prefetch of a consumer that crashes.</summary>
    private const int DeliveryLimit = 100_000;

    /// <summary>The event's word in kebab case: <c>task-completed</c>.</summary>
    public static string EventName(Type eventType)
    {
        var name = new StringBuilder(eventType.Name.Length + 4);
        foreach (var letter in eventType.Name)
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('-');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    public static string ExchangeName(string prefix, Type eventType) => prefix + EventName(eventType);

    public static string QueueName(string prefix, string service, Type eventType) => $"{prefix}{service}-{EventName(eventType)}";

    /// <summary>What makes a queue lose nothing: replicated, refusing rather than dropping, its dead letters confirmed.</summary>
    public static Dictionary<string, object?> QueueArguments(string prefix) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = prefix + DeadQueue,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    public static async Task Declare(BrokerSettings broker, CancellationToken cancel)
    {
        var factory = new ConnectionFactory { Uri = broker.TopologyUri, ClientProvidedName = "marketplace topology" };
        await using var connection = await factory.CreateConnectionAsync(cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);

        var dead = broker.Prefix + DeadQueue;
        await channel.ExchangeDeclareAsync(dead, ExchangeType.Fanout, durable: true, cancellationToken: cancel);
        await channel.QueueDeclareAsync(
            dead, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancel);
        await channel.QueueBindAsync(dead, dead, "", cancellationToken: cancel);

        foreach (var route in EventRoutes.All)
        {
            var exchange = ExchangeName(broker.Prefix, route.Event);
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancel);

            foreach (var service in route.To)
            {
                // MassTransit gives each queue an exchange of the same name; events reach the queue through it.
                var queue = QueueName(broker.Prefix, service, route.Event);
                await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, cancellationToken: cancel);
                await channel.QueueDeclareAsync(
                    queue, durable: true, exclusive: false, autoDelete: false, QueueArguments(broker.Prefix), cancellationToken: cancel);
                await channel.QueueBindAsync(queue, queue, "", cancellationToken: cancel);
                await channel.ExchangeBindAsync(queue, exchange, "", cancellationToken: cancel);
            }
        }
    }

    internal sealed class DeclareAtStart(BrokerSettings broker, ILogger<DeclareAtStart> logger) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                try
                {
                    await Declare(broker, cancellationToken);
                    return;
                }
                catch (Exception e) when (IsAway(e) && !cancellationToken.IsCancellationRequested)
                {
                    logger.LogWarning("The broker does not answer yet: {Why}", e.Message);
                    await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                }
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>A broker that is not up yet, or goes away meanwhile, is waited for; one that refuses what we declare is not.</summary>
        private static bool IsAway(Exception e) => e switch
        {
            BrokerUnreachableException or AlreadyClosedException or IOException or SocketException or TimeoutException or OperationCanceledException => true,
            OperationInterruptedException { ShutdownReason: var reason } =>
                reason is null or { Initiator: not ShutdownInitiator.Peer } or { ReplyCode: Constants.ConnectionForced or Constants.InternalError },
            _ => false,
        };
    }
}
