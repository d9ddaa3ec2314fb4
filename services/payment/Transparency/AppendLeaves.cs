using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// The log's one sequencer: at each step (<see cref="Publication"/>) whatever copy of the service gets the lock numbers the entries committed
/// since the last one, appends their leaves, and signs the tree that results. With the checkpoint they are public, all at once. Leaf number =
/// public number − 1.
/// </summary>
internal sealed class AppendLeaves(
    NpgsqlDataSource database, ReadAccountNames accounts, LogKeys keys, Publication publication, PublicationSteps steps, TimeProvider clock, ILogger<AppendLeaves> logger)
    : BackgroundService
{
    private const long SequencerLock = 7_265_018_006;
    private const int Most = 2000;

    /// <summary>
    /// A copy of the version before, which knows leaves of version 1 only, would show those of the first batch wrongly: it is given this long to end.
    /// </summary>
    private static readonly TimeSpan FirstRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(30);
    private static readonly Counter<long> Appended = Telemetry.Meter.CreateCounter<long>("marketplace.log.leaves");

    /// <summary>Entries that are not as the ledger's own rules have them. Should be 0.</summary>
    private static readonly Counter<long> Faults = Telemetry.Meter.CreateCounter<long>("marketplace.log.faults");
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private bool _announced;

    /// <summary>Whether there is more of the step to append before its checkpoint.</summary>
    private bool _goesOn;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Announce(stoppingToken);
                await AppendOnce(stoppingToken);
                if (!_goesOn)
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

    /// <summary>Appends what is due, up to some leaves at a time, and returns how many that were.</summary>
    internal async Task<int> AppendOnce(CancellationToken cancel)
    {
        _goesOn = false;
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(TryLock, new { SequencerLock }, transaction, cancellationToken: cancel)))
            return 0;

        if (!publication.IsAtOnce && await steps.Make(transaction, cancel))
            await connection.ExecuteAsync(new CommandDefinition(UpdateTarget, new { At = publication.LastStep(clock.Now()) }, transaction, cancellationToken: cancel));
        var state = await connection.QuerySingleAsync<State>(new CommandDefinition(SelectState, transaction: transaction, cancellationToken: cancel));
        var (numbered, target) = (state.Numbered, publication.IsAtOnce ? state.Booked : state.Target);
        if (state.Logged == numbered)
        {
            if (numbered >= target || (state.LeafVersion is > 0 and < Leaf.Version && Stopwatch.GetElapsedTime(_startedAt) < FirstRest))
            {
                await transaction.CommitAsync(cancel);
                return 0;
            }

            numbered = await NumberEntries.Handle(numbered, target, await accounts.Secret(connection, cancel), transaction, cancel);
        }

        var grown = Math.Min(numbered, state.Logged + Most);
        await Append(state.Logged, grown, transaction, cancel);
        var isWhole = grown == numbered && numbered >= target;
        if (isWhole)
            await Sign(grown, transaction, cancel);
        await transaction.CommitAsync(cancel);
        _goesOn = !isWhole;
        Appended.Add(grown - state.Logged);
        return (int)(grown - state.Logged);
    }

    private async Task Append(long size, long grown, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var entries = await EntryQueries.ByRange(transaction.Connection!, size, grown, accounts, cancel);
        foreach (var entry in entries.Where(e => e.Pay is { FeeBps: null }))
        {
            Faults.Add(1);
            logger.LogError("Entry {Number} was paid under pay policy {Policy}, which does not exist", entry.Number, entry.Pay!.PolicyVersion);
        }

        await InsertNodes(0, size, [.. entries.Select(e => Merkle.LeafHash(Leaf.Encode(e)))], transaction, cancel);
        await CompleteTiles(size, grown, transaction, cancel);
    }

    private async Task Sign(long size, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var root = (await ReadTiles.Roots([new(0, size)], transaction.Connection!, transaction, cancel))[0];
        var row = new { Size = size, Root = root, Note = keys.Sign(new(keys.Origin, size, root)), At = clock.Now(), Version = (short)Leaf.Version };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(InsertCheckpoint, row, transaction, cancellationToken: cancel));
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

    private sealed record State
    {
        /// <summary>The last entry by commit.</summary>
        public required long Booked { get; init; }

        /// <summary>The last entry, by commit, that became public or becomes so with the step that was made last.</summary>
        public required long Target { get; init; }
        public required long Numbered { get; init; }
        public required long Logged { get; init; }

        /// <summary>Of the newest checkpoint; null before the first.</summary>
        public required short? LeafVersion { get; init; }
    }

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

    // The right ends of primary keys.
    private const string SelectState = """
        select
          (select last_number from ledger_head) as booked,
          (select coalesce(max(number), 0) from public_entry) as numbered,
          (select coalesce(max(index) + 1, 0) from log_node where level = 0) as logged,
          (select target from publication) as target,
          (select leaf_version from log_checkpoint order by size desc limit 1) as leaf_version
        """;

    // Index entry_at. What was booked since the step waits for the next, however soon after it this is: else it would be a batch of one or two.
    private const string UpdateTarget = """
        update publication
        set target = greatest(target, coalesce((select number from entry where at < @At order by at desc, number desc limit 1), 0))
        """;

    private const string InsertLogNodes = """
        insert into log_node (level, index, hash)
        select @Level, @First + ordinality - 1, hash
        from unnest(@Hashes::bytea[]) with ordinality as h (hash, ordinality)
        """;

    private const string InsertCheckpoint = """
        insert into log_checkpoint (size, root, note, at, leaf_version)
        values (@Size, @Root, @Note, @At, @Version)
        """;
}
