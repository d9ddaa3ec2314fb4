using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Publishes the rows of the outbox, many at once, each with the broker's confirm, and deletes only those confirmed.
/// Several copies of a service relay side by side: each skips the rows another holds.
/// </summary>
internal sealed class OutboxRelay(
    NpgsqlDataSource database, IBus bus, OutboxSignal signal, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int Most = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>From one look to the next at least: under load events gather, and share a transaction here, in the broker and where they are heard.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly Dictionary<string, Type> EventTypes = EventRoutes.All.ToDictionary(r => r.Event.Name, r => r.Event);
    private readonly StepAside<long> _aside = new();
    private static readonly Counter<long> Published = Telemetry.Meter.CreateCounter<long>("marketplace.outbox.published");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var began = TimeProvider.System.GetTimestamp();
                if (await RelayOnce(stoppingToken) == Most)
                    continue;

                await signal.Wait(Poll, stoppingToken);
                if (Pace - TimeProvider.System.GetElapsedTime(began) is { Ticks: > 0 } early)
                    await Task.Delay(early, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The outbox waits: the broker or the database does not answer");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    private async Task<int> RelayOnce(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var rows = (await connection.QueryAsync<Row>(
            new CommandDefinition(SelectOutbox, new { Most, Aside = _aside.Now }, transaction, cancellationToken: cancel))).AsList();
        if (rows.Count == 0)
            return 0;

        // Shorter than the server's limit for an idle transaction: a broker that is away costs a retry, not a connection.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        var attempts = await Task.WhenAll(rows.Select(row => TryPublish(row, patience.Token)));
        var confirmed = rows.Where((_, i) => attempts[i] is null).Select(row => row.OutboxId).ToArray();
        var deletion = new RoundTrip(transaction);
        deletion.Add(DeleteOutbox, new { Confirmed = confirmed });
        await deletion.Commit(CancellationToken.None);
        Published.Add(confirmed.Length);

        // What cannot be read makes room, and so does what failed beside others that were confirmed: the broker is there. Else all wait for it.
        foreach (var (row, failed) in rows.Zip(attempts))
        {
            if (failed is JsonException or KeyNotFoundException || (failed is not null && confirmed.Length > 0))
                _aside.Failed(row.OutboxId);
        }

        if (Array.Find(attempts, e => e is not null) is { } failure)
            throw new InvalidOperationException($"{rows.Count - confirmed.Length} of {rows.Count} events were not confirmed.", failure);
        return rows.Count;
    }

    private async Task<Exception?> TryPublish(Row row, CancellationToken cancel)
    {
        try
        {
            using var activity = Telemetry.Source.StartActivity($"relay {row.Event}", ActivityKind.Producer, row.Traceparent);
            var type = EventTypes[row.Event];
            var occurred = JsonSerializer.Deserialize(row.Body, type, WireJson.Options)!;
            await bus.Publish(occurred, type, Messaging.Mandatory, cancel);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private sealed record Row
    {
        public required long OutboxId { get; init; }
        public required string Event { get; init; }
        public required string Body { get; init; }
        public required string? Traceparent { get; init; }
    }

    // Walks the primary key.
    private const string SelectOutbox = """
        select outbox_id, event, body::text, traceparent
        from outbox
        where outbox_id <> all(@Aside)
        order by outbox_id
        limit @Most
        for update skip locked
        """;

    private const string DeleteOutbox = """
        delete from outbox
        where outbox_id = any(@Confirmed)
        """;
}
