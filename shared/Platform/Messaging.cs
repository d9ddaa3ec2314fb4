using Marketplace.Contracts;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.Platform;

/// <summary>
/// Connects a service to the broker: its consumers each on their own queue, and the relay of its outbox. The topology is
/// declared first (<see cref="Topology"/>); MassTransit finds it as it wants it.
/// </summary>
public static class Messaging
{
    /// <summary>Makes a publish, or what is sent to one queue, fail that no queue takes, where the broker would confirm and drop it.</summary>
    public static readonly IPipe<SendContext> Mandatory = Pipe.Execute<SendContext>(context =>
    {
        if (context.TryGetPayload<RabbitMqSendContext>(out var send))
            send.Mandatory = true;
    });

    /// <summary>Messages of up to <see cref="BrokerSettings.EventsPerMessage"/> events each: several transactions' worth in a backlog, and a quarter of one where each holds one event.</summary>
    private const ushort BatchPrefetch = 50;

    /// <summary>The consumers of a service, each with its event, as given by the service's composition root.</summary>
    public sealed class Consumers
    {
        internal List<Consumer> All { get; } = [];

        /// <summary>A consumer of one event at a time.</summary>
        /// <param name="prefetch">How many messages wait in the process.</param>
        public Consumers Add<TConsumer, TEvent>(ushort prefetch = 16)
            where TConsumer : class, IConsumer<TEvent>
            where TEvent : class
        {
            All.Add(new(
                typeof(TEvent),
                false,
                prefetch,
                registration => registration.AddConsumer<TConsumer>(),
                (endpoint, context) => endpoint.ConfigureConsumer<TConsumer>(context)));
            return this;
        }

        /// <summary>A consumer of many events in one transaction.</summary>
        /// <param name="gatherMs">How long the first of them waits for others, in milliseconds: what nobody waits for may gather.</param>
        public Consumers AddBatch<TConsumer, TEvent>(int gatherMs = 100)
            where TConsumer : BatchConsumer<TEvent>
            where TEvent : class
        {
            All.Add(new(
                typeof(TEvent),
                true,
                BatchPrefetch,
                registration =>
                {
                    registration.AddConsumer<TConsumer>();
                    registration.AddSingleton(_ => new BatchTurn<TEvent>(TimeSpan.FromMilliseconds(gatherMs)));
                },
                (endpoint, context) => endpoint.ConfigureConsumer<TConsumer>(context)));
            return this;
        }
    }

    internal sealed record Consumer(
        Type Event,
        bool TakesMany,
        ushort Prefetch,
        Action<IBusRegistrationConfigurator> Register,
        Action<IRabbitMqReceiveEndpointConfigurator, IBusRegistrationContext> Configure);

    /// <summary>Adds the consumers that <paramref name="add"/> names, and the relay of the outbox.</summary>
    public static void AddMessaging(this WebApplicationBuilder builder, Action<Consumers> add)
    {
        var consumers = new Consumers();
        add(consumers);
        foreach (var consumer in consumers.All)
        {
            if (EventRoutes.All.Single(r => r.Event == consumer.Event).Many != consumer.TakesMany)
                throw new InvalidOperationException($"{consumer.Event.Name} is consumed otherwise than its route says: one at a time, or many.");
        }

        var service = builder.Configuration[ServiceHost.ServiceKey]!;
        var broker = Settings(builder.Configuration);
        builder.Services.AddSingleton(broker);
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddHostedService<Topology.DeclareAtStart>();

        builder.Services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = TimeSpan.FromSeconds(60);
            options.StopTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.AddMassTransit(registration =>
        {
            registration.DisableUsageTelemetry();
            foreach (var consumer in consumers.All)
                consumer.Register(registration);

            registration.UsingRabbitMq((context, bus) => ConfigureBus(context, bus, broker, service, consumers));
        });
        builder.Services.AddHostedService<OutboxRelay>();
    }

    private static void ConfigureBus(
        IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator bus, BrokerSettings broker, string service, Consumers consumers)
    {
        bus.Host(broker.Uri, host =>
        {
            host.PublisherConfirmation = true;
            host.RequestedConnectionTimeout(TimeSpan.FromSeconds(10));
        });
        bus.MessageTopology.SetEntityNameFormatter(new EventNames(broker.Prefix));

        foreach (var consumer in consumers.All)
        {
            bus.ReceiveEndpoint(Topology.QueueName(broker.Prefix, service, consumer.Event), endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;

                // Nobody listens to the news that a message failed, and the service may not declare an exchange for it.
                endpoint.PublishFaults = false;
                endpoint.PrefetchCount = consumer.Prefetch;
                foreach (var (name, value) in Topology.QueueArguments(broker.Prefix))
                    endpoint.SetQueueArgument(name, value);
                endpoint.UseMessageRetry(retry =>
                {
                    // What another try may mend is tried without end; a message that is itself wrong soon gives way.
                    retry.Handle<Exception>(MayPass);
                    retry.Incremental(int.MaxValue, TimeSpan.FromMilliseconds(500), TimeSpan.Zero);
                });
                consumer.Configure(endpoint, context);
            });
        }
    }

    /// <summary>
    /// True of failures that are the surroundings' and not the message's: lost connections, a server that stops or starts, deadlocks,
    /// serialization failures. Npgsql counts neither an ordinary stop of the server nor a deadlock among those that may pass.
    /// </summary>
    internal static bool MayPass(Exception e) => e switch
    {
        NpgsqlException { IsTransient: true } => true,
        PostgresException
        {
            SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or "25P03" or "25006",
        } => true,
        NpgsqlException { InnerException: System.IO.IOException or TimeoutException or System.Net.Sockets.SocketException } => true,
        BrokerUnreachableException or AlreadyClosedException => true,
        AggregateException all => all.InnerExceptions.All(MayPass),
        _ => false,
    };

    private static BrokerSettings Settings(ConfigurationManager configuration)
    {
        var uri = new Uri(configuration["RabbitMq:Uri"] ?? throw new InvalidOperationException("The setting RabbitMq:Uri is missing."));
        var topology = configuration["RabbitMq:TopologyUri"] is { Length: > 0 } own ? new Uri(own) : uri;
        return new(uri, topology, configuration["RabbitMq:Prefix"] ?? "", Math.Clamp(configuration.GetValue("RabbitMq:EventsPerMessage", 25), 1, 200));
    }

    private sealed class EventNames(string prefix) : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => Topology.ExchangeName(
            prefix,
            typeof(T).IsConstructedGenericType && typeof(T).GetGenericTypeDefinition() == typeof(Events<>) ? typeof(T).GenericTypeArguments[0] : typeof(T));
    }
}
