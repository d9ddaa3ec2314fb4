using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Platform;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.ServiceTests;

/// <summary>The broker as the other services would use it: publishes any event, hears all of them, looks into queues.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly ConcurrentQueue<(Type Type, JsonElement Body)> _heard = new();
    private readonly SemaphoreSlim _publishing = new(1, 1);

    private Broker(string prefix, IConnection connection, IChannel channel) => (Prefix, _connection, _channel) = (prefix, connection, channel);

    internal string Prefix { get; }

    internal static async Task<Broker> Connect(Uri uri, string prefix)
    {
        await Topology.Declare(new BrokerSettings(uri, uri, prefix), CancellationToken.None);
        var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, new ThrottlingRateLimiter(1000)));
        var broker = new Broker(prefix, connection, channel);
        await broker.Listen();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var route in EventRoutes.All)
        {
            await _channel.ExchangeDeleteAsync(Topology.ExchangeName(Prefix, route.Event));
            foreach (var queue in route.To.Select(service => Topology.QueueName(Prefix, service, route.Event)))
                foreach (var name in new[] { queue, $"{queue}_error", $"{queue}_skipped" })
                {
                    await _channel.QueueDeleteAsync(name);
                    await _channel.ExchangeDeleteAsync(name);
                }
        }

        await _channel.QueueDeleteAsync(Prefix + Topology.DeadQueue);
        await _channel.ExchangeDeleteAsync(Prefix + Topology.DeadQueue);
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        _publishing.Dispose();
    }

    /// <summary>Publishes as the sending service would.</summary>
    internal Task Publish<T>(params T[] events)
        where T : class => Task.WhenAll(events.Select(e => Send(typeof(T), JsonSerializer.SerializeToNode(e, WireJson.Options)!)));

    /// <summary>Publishes several events in one message, as the sending service does where many wait.</summary>
    internal Task PublishTogether<T>(params T[] events)
        where T : class => Send(typeof(T), JsonSerializer.SerializeToNode(new Events<T> { All = events, Parents = new string?[events.Length] }, WireJson.Options)!, together: true);

    /// <summary>Publishes a message of this event's type that no service of ours would send.</summary>
    internal Task PublishRaw<T>(string json) => Send(typeof(T), JsonNode.Parse(json)!);

    /// <summary>Every event of this type that was published by now, in the order heard.</summary>
    internal IReadOnlyList<T> Heard<T>() =>
        [.. _heard.Where(h => h.Type == typeof(T)).Select(h => h.Body.Deserialize<T>(WireJson.Options)!)];

    /// <summary>Publishes to an exchange by its name, whatever it is for.</summary>
    internal async Task PublishTo(string exchange, string json) =>
        await _channel.BasicPublishAsync(Prefix + exchange, "", mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, System.Text.Encoding.UTF8.GetBytes(json));

    /// <summary>How many messages lie in the error queue of a service's consumer.</summary>
    internal Task<uint> Errors<T>(string service) => Count($"{Topology.QueueName(Prefix, service, typeof(T))}_error");

    /// <summary>How many messages wait for a service's consumer.</summary>
    internal Task<uint> Waiting<T>(string service) => Count(Topology.QueueName(Prefix, service, typeof(T)));

    private async Task<uint> Count(string queue)
    {
        await using var channel = await _connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    private async Task Listen()
    {
        var channel = await _connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        var types = EventRoutes.All.ToDictionary(r => Topology.ExchangeName(Prefix, r.Event), r => r.Event);
        foreach (var exchange in types.Keys)
            await channel.QueueBindAsync(queue, exchange, "");

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            using var envelope = JsonDocument.Parse(delivery.Body);
            foreach (var body in EventsIn(envelope.RootElement))
                _heard.Enqueue((types[delivery.Exchange], body.Clone()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }

    /// <summary>The events in a message: one, or those of <see cref="Events{T}"/>.</summary>
    private static List<JsonElement> EventsIn(JsonElement envelope)
    {
        var message = envelope.GetProperty("message");
        var isSeveral = envelope.GetProperty("messageType")[0].GetString()!.Contains($":{nameof(Events<>)}[[", StringComparison.Ordinal);
        return isSeveral ? [.. message.GetProperty("all").EnumerateArray()] : [message];
    }

    // MassTransit's envelope.
    private async Task Send(Type type, JsonNode message, bool together = false)
    {
        var carried = together ? typeof(Events<>).MakeGenericType(type) : type;
        var envelope = new JsonObject
        {
            ["messageId"] = Guid.NewGuid().ToString(),
            ["messageType"] = new JsonArray(MassTransit.MessageUrn.ForTypeString(carried)),
            ["message"] = message,
        };
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent };
        await _publishing.WaitAsync();
        ValueTask confirmed;
        try
        {
            confirmed = _channel.BasicPublishAsync(
                Topology.ExchangeName(Prefix, type), "", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(envelope));
        }
        finally
        {
            _publishing.Release();
        }

        await confirmed;
    }
}
