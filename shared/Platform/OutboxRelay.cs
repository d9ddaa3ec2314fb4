using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Dapper;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Publishes the rows of the outbox, many at once, and deletes only those that the broker has confirmed. Small events of a kind share messages
/// (<see cref="Events{T}"/>). Several copies of a service relay side by side: each skips the rows another holds.
/// </summary>
internal sealed class OutboxRelay(
    NpgsqlDataSource database, IBus bus, BrokerSettings broker, OutboxSignal signal, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int Most = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>From one look to the next at least: under load events gather, and share a transaction here, in the broker and where they are heard.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
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

        var rows = (await connection.QueryAsync<OutboxRow>(
            new CommandDefinition(SelectOutbox, new { Most, Aside = _aside.Now }, transaction, cancellationToken: cancel))).AsList();
        if (rows.Count == 0)
            return 0;

        // Shorter than the server's limit for an idle transaction: a broker that is away costs a retry, not a connection.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        var attempts = (await Task.WhenAll(OutboxMessage.Together(rows, broker.EventsPerMessage).Select(together => TryPublish(together, patience.Token)))).SelectMany(a => a).ToList();
        var confirmed = attempts.Where(a => a.Failure is null).Select(a => a.Row.OutboxId).ToArray();
        var deletion = new RoundTrip(transaction);
        deletion.Add(DeleteOutbox, new { Confirmed = confirmed });
        await deletion.Commit(CancellationToken.None);
        Published.Add(confirmed.Length);

        // What cannot be read makes room, and so does what failed beside others that were confirmed: the broker is there. Else all wait for it.
        foreach (var (row, failed) in attempts)
        {
            if (failed is JsonException or KeyNotFoundException || (failed is not null && confirmed.Length > 0))
                _aside.Failed(row.OutboxId);
        }

        if (attempts.Find(a => a.Failure is not null).Failure is { } failure)
            throw new InvalidOperationException($"{rows.Count - confirmed.Length} of {rows.Count} events were not confirmed.", failure);
        return rows.Count;
    }

    private async Task<(OutboxRow Row, Exception? Failure)[]> TryPublish(OutboxRow[] rows, CancellationToken cancel)
    {
        try
        {
            var (message, type) = OutboxMessage.Of(rows);

            // Each event of several still says itself what it continues.
            using var activity = Telemetry.Source.StartActivity($"relay {rows[0].Event}", ActivityKind.Producer, rows[0].Traceparent);
            await bus.Publish(message, type, Messaging.Mandatory, cancel);
            return [.. rows.Select(row => (row, (Exception?)null))];
        }
        catch (Exception e) when (rows.Length > 1 && e is JsonException or NotSupportedException or ArgumentException or FormatException or OverflowException)
        {
            // One of them cannot be read, which is not the others' fault.
            return [.. (await Task.WhenAll(rows.Select(row => TryPublish([row], cancel)))).SelectMany(attempts => attempts)];
        }
        catch (Exception e)
        {
            return [.. rows.Select(row => (row, e))];
        }
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
