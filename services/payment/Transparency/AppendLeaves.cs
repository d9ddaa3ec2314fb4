using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// The log's one sequencer: whatever copy of the service gets the lock appends the entries committed since, in the order of
/// their numbers, and signs the tree that results. Leaf number = entry number − 1.
/// </summary>
internal sealed class AppendLeaves(
    NpgsqlDataSource database, ReadAccountNames accounts, LogKeys keys, TimeProvider clock, ILogger<AppendLeaves> logger) : BackgroundService
{
    private const long SequencerLock = 7_265_018_006;
    private const int Most = 2000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(30);
    private static readonly Counter<long> Appended = Telemetry.Meter.CreateCounter<long>("marketplace.log.leaves");

    /// <summary>Entries that are not as the ledger's own rules have them. Should be 0.</summary>
    private static readonly Counter<long> Faults = Telemetry.Meter.CreateCounter<long>("marketplace.log.faults");
    private bool _announced;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Announce(stoppingToken);
                if (await AppendOnce(stoppingToken) < Most)
                    await Task.Delay(Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                logger.LogWarning(e, "The transparency log waits: the database does not answer");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (Exception e)
            {
                // Another try will hardly help, and an entry is never left out: somebody must look.
                Faults.Add(1);
                logger.LogError(e, "The transparency log stands still: an entry cannot be written as a leaf");
                await Task.Delay(RestAfterFault, stoppingToken);
            }
        }
    }

    /// <summary>While one key hands over to the next, the word of the old one for the new one is kept for ever.</summary>
    /// <exception cref="InvalidOperationException">The old key has named another one before.</exception>
    internal async Task Announce(CancellationToken cancel)
    {
        if (_announced || keys.Handover is not { } handover)
            return;

        await using var connection = await database.OpenConnectionAsync(cancel);
        var next = await connection.QuerySingleAsync<string>(new CommandDefinition(InsertHandover, handover, cancellationToken: cancel));
        _announced = next == handover.NewKey
            ? true
            : throw new InvalidOperationException($"The key {handover.OldKey} was already handed over to {next}: a key is handed over once.");
    }

    /// <summary>Appends what there is, up to a batch, and returns how many leaves that were.</summary>
    internal async Task<int> AppendOnce(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(TryLock, new { SequencerLock }, transaction, cancellationToken: cancel)))
            return 0;

        var size = await connection.ExecuteScalarAsync<long>(new CommandDefinition(SelectSize, transaction: transaction, cancellationToken: cancel));
        var entries = await EntryQueries.ByRange(connection, size, size + Most, accounts, cancel);
        if (entries.Count == 0)
            return 0;

        foreach (var entry in entries.Where(e => e.Pay is { FeeBps: null }))
        {
            Faults.Add(1);
            logger.LogError("Entry {Number} was paid under pay policy {Policy}, which does not exist", entry.Number, entry.Pay!.PolicyVersion);
        }

        await InsertNodes(0, size, [.. entries.Select(e => Merkle.LeafHash(Leaf.Encode(e)))], transaction, cancel);
        var grown = size + entries.Count;
        await CompleteTiles(size, grown, transaction, cancel);

        var root = (await ReadTiles.Roots([new(0, grown)], connection, transaction, cancel))[0];
        var checkpoint = new Checkpoint(keys.Origin, grown, root);
        var row = new { Size = grown, Root = root, Note = keys.Sign(checkpoint), At = clock.Now() };
        await connection.ExecuteAsync(new CommandDefinition(InsertCheckpoint, row, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        Appended.Add(entries.Count);
        return entries.Count;
    }

    /// <summary>Writes the nodes of the higher levels whose 256 children are now all there.</summary>
    private static async Task CompleteTiles(long size, long grown, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        for (var level = 1; ; level++)
        {
            (size, grown) = (size / TilePath.Full, grown / TilePath.Full);
            if (size == grown)
                return;

            await InsertNodes(level, size, await ReadTiles.Completed(level, size, grown, transaction, cancel), transaction, cancel);
        }
    }

    private static Task<int> InsertNodes(int level, long first, byte[][] hashes, NpgsqlTransaction transaction, CancellationToken cancel) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            InsertLogNodes, new { Level = (short)level, First = first, Hashes = hashes }, transaction, cancellationToken: cancel));

    // The first word counts: a key that was handed over is no longer the log's to hand over.
    private const string InsertHandover = """
        with written as (
          insert into log_handover (old_key, new_key, note)
          values (@OldKey, @NewKey, @Note)
          on conflict do nothing
          returning new_key)
        select new_key from written
        union all
        select new_key from log_handover where old_key = @OldKey
        limit 1
        """;

    private const string TryLock = "select pg_try_advisory_xact_lock(@SequencerLock)";

    // The right end of the primary key.
    private const string SelectSize = """
        select coalesce(max(index) + 1, 0)
        from log_node
        where level = 0
        """;

    private const string InsertLogNodes = """
        insert into log_node (level, index, hash)
        select @Level, @First + ordinality - 1, hash
        from unnest(@Hashes::bytea[]) with ordinality as h (hash, ordinality)
        """;

    private const string InsertCheckpoint = """
        insert into log_checkpoint (size, root, note, at)
        values (@Size, @Root, @Note, @At)
        """;
}
