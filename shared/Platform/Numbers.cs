using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Marketplace.Platform;

/// <summary>One number about how things stand now, as a statement over the service's own tables counts it.</summary>
/// <param name="Name">As in <c>marketplace.outbox.length</c>.</param>
/// <param name="Unit">What it is counted in: <c>s</c>, <c>{event}</c>.</param>
/// <param name="Description">What it says to an operator.</param>
/// <param name="Sql">Gives one row of one number; may use <c>@Now</c>, the service's time.</param>
public sealed record StandingNumber(string Name, string Unit, string Description, string Sql);

/// <summary>
/// Numbers that tell an operator that wages flow, beside those that are counted as things happen. They are measured when somebody asks for <c>/metrics</c> and at no other
/// time, so a service that nobody watches does no work for them. One that cannot be measured is left out, for an old value would be a lie.
/// </summary>
public sealed class Numbers : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly ILogger<Numbers> _logger;
    private readonly StandingNumber[] _standing;
    private readonly BrokerSettings? _broker;
    private readonly string[] _queues;
    private readonly Meter _meter = new(Telemetry.Meter.Name);
    private readonly SemaphoreSlim _one = new(1, 1);
    private Dictionary<string, double> _measured = [];
    private Measurement<long>[] _depths = [];
    private IConnection? _connection;

    public Numbers(
        NpgsqlDataSource database, TimeProvider clock, IConfiguration configuration, IEnumerable<StandingNumber> standing, ILogger<Numbers> logger, BrokerSettings? broker = null)
    {
        (_database, _clock, _logger, _broker, _standing) = (database, clock, logger, broker, [.. standing]);
        _queues = broker is null ? [] : QueuesOf(configuration[ServiceHost.ServiceKey]!, broker.Prefix);
        foreach (var number in _standing)
            _meter.CreateObservableGauge<double>(number.Name, () => ValueOf(number.Name), number.Unit, number.Description);
        _meter.CreateObservableGauge<long>("marketplace.queue.depth", () => _depths, "{message}", "Messages that wait in a queue. Those in a queue that ends in _error, and in dead, wait for a person.");
    }

    /// <summary>Measures all of them now.</summary>
    public async Task Measure(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            _measured = await FromDatabase(cancel);
            _depths = await FromBroker(cancel);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        _one.Dispose();
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    internal static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Numbers>();
        builder.Services.AddSingleton(new StandingNumber("marketplace.outbox.length", "{event}", "Events that the broker has not confirmed yet.", CountOutbox));
        builder.Services.AddSingleton(new StandingNumber("marketplace.outbox.age", "s", "Age of the oldest event that the broker has not confirmed yet.", AgeOfOutbox));
    }

    /// <summary>The service's queues with those beside them that hold what it could not handle, and the one of all services.</summary>
    private static string[] QueuesOf(string service, string prefix) =>
    [
        .. EventRoutes.All.Where(route => route.To.Contains(service)).Select(route => Topology.QueueName(prefix, service, route.Event)).SelectMany(queue => new[] { queue, $"{queue}_error", $"{queue}_skipped" }),
        prefix + Topology.DeadQueue,
    ];

    private IEnumerable<Measurement<double>> ValueOf(string name) => _measured.TryGetValue(name, out var value) ? [new(value)] : [];

    private async Task<Dictionary<string, double>> FromDatabase(CancellationToken cancel)
    {
        var measured = new Dictionary<string, double>();
        try
        {
            await using var connection = await _database.OpenConnectionAsync(cancel);
            foreach (var number in _standing)
                measured[number.Name] = await connection.ExecuteScalarAsync<double>(new CommandDefinition(number.Sql, new { Now = _clock.Now() }, commandTimeout: 5, cancellationToken: cancel));
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            _logger.LogWarning("Some numbers are not measured, because the database does not answer: {Why}", e.Message);
        }

        return measured;
    }

    private async Task<Measurement<long>[]> FromBroker(CancellationToken cancel)
    {
        if (_broker is null)
            return [];

        try
        {
            if (_connection is not { IsOpen: true })
            {
                var gone = _connection;
                _connection = null;
                if (gone is not null)
                    await gone.DisposeAsync();
                var factory = new ConnectionFactory { Uri = _broker.Uri, ClientProvidedName = "marketplace numbers", RequestedConnectionTimeout = TimeSpan.FromSeconds(3) };
                _connection = await factory.CreateConnectionAsync(cancel);
            }

            var depths = new List<Measurement<long>>();
            foreach (var queue in _queues)
                depths.Add(new(await Depth(_connection, queue, cancel), new KeyValuePair<string, object?>("queue", queue[_broker.Prefix.Length..])));
            return [.. depths];
        }
        catch (Exception e) when (e is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException)
        {
            _logger.LogWarning("The depth of queues is not measured, because the broker does not answer: {Why}", e.Message);
            return [];
        }
    }

    /// <summary>How many messages wait there. A queue for errors is made with the first of them: 0 until then.</summary>
    private static async Task<long> Depth(IConnection connection, string queue, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancel)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }

    private const string CountOutbox = """
        select count(*)
        from outbox
        """;

    // The first by the primary key is the oldest, or nearly.
    private const string AgeOfOutbox = """
        select coalesce(extract(epoch from clock_timestamp() - (select created_at from outbox order by outbox_id limit 1)), 0)
        """;
}
