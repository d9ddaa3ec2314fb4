using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Shows the newest checkpoint to all witnesses at once, round after round, in one of the service's copies. A round ends when
/// enough have signed, or after a second: who is slow signs late, and is asked again with the newest then. Nothing waits for it
/// but the payouts that need the signatures.
/// </summary>
internal sealed class SubmitCheckpoints : BackgroundService
{
    private const long SubmitterLock = 7_265_018_007;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    private static readonly Counter<long> Signed = Telemetry.Meter.CreateCounter<long>("marketplace.log.cosignatures");
    private static readonly Counter<long> Refused = Telemetry.Meter.CreateCounter<long>("marketplace.log.witness_failures");

    private readonly NpgsqlDataSource _database;
    private readonly LogKeys _keys;
    private readonly Witnesses _witnesses;
    private readonly ILogger<SubmitCheckpoints> _logger;
    private readonly HttpClient _http;
    private readonly List<AskWitness> _asked;
    private readonly Dictionary<string, string?> _told = [];

    public SubmitCheckpoints(NpgsqlDataSource database, LogKeys keys, Witnesses witnesses, ILogger<SubmitCheckpoints> logger)
    {
        (_database, _keys, _witnesses, _logger) = (database, keys, witnesses, logger);

        // A witness answers with a line or two; one that sends for ever, or elsewhere, is not one.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = 64 * 1024,
        };
        _asked = [.. witnesses.All.Select(w => new AskWitness(w, database, _http))];
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_witnesses.AreAsked && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The lock is the connection's: when either is lost, another copy goes on.
                await using var connection = await _database.OpenConnectionAsync(stoppingToken);
                if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition(TryLock, new { SubmitterLock }, cancellationToken: stoppingToken)))
                    await AskInRounds(connection, stoppingToken);
                await Task.Delay(Round, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _logger.LogWarning(e, "The witnesses wait: the database does not answer");
                await Task.Delay(Round, stoppingToken);
            }
        }
    }

    private async Task AskInRounds(NpgsqlConnection connection, CancellationToken cancel)
    {
        while (true)
        {
            if (await CheckpointQueries.Newest(connection, cancel) is { } newest)
                await AskOnce(newest with { Note = _keys.AlsoSign(newest.Note) }, cancel);
            await Task.Delay(Poll, cancel);
        }
    }

    private async Task AskOnce(ShownCheckpoint checkpoint, CancellationToken cancel)
    {
        var asking = _asked.Where(a => a.IsFreeFor(checkpoint.Size)).ToDictionary(a => a.Start(checkpoint, cancel));
        var end = Task.Delay(Round, cancel);
        var signed = 0;
        while (asking.Count > 0 && signed < _witnesses.Quorum && await Task.WhenAny([.. asking.Keys, end]) is Task<bool> done)
        {
            asking.Remove(done, out var witness);
            if (await done)
                signed++;
            Tell(witness!, await done);
        }

        // Who comes after the round is heard too.
        foreach (var (late, witness) in asking)
            _ = late.ContinueWith(task => Tell(witness, task.Result), cancel, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    /// <summary>Says once what is new of a witness, and counts always.</summary>
    private void Tell(AskWitness asked, bool signed)
    {
        var name = asked.Witness.Name;
        (signed ? Signed : Refused).Add(1, new KeyValuePair<string, object?>("witness", name));
        lock (_told)
        {
            if (_told.GetValueOrDefault(name) == asked.Trouble)
                return;
            _told[name] = asked.Trouble;
        }

        if (asked.Trouble is { } trouble)
            _logger.LogError("The witness {Witness} did not sign: {Trouble}", name, trouble);
        else
            _logger.LogInformation("The witness {Witness} signs again", name);
    }

    private const string TryLock = "select pg_try_advisory_lock(@SubmitterLock)";
}
