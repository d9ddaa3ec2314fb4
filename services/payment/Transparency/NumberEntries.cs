using System.Security.Cryptography;
using Dapper;
using Marketplace.Payment.Ledger;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Gives the next batch its public numbers: entries that are not public yet, of one hour, in the order of their public keys. The batch holds
/// the same numbers as it did by the order of commit, in another order. What a person's credited time followed from is committed to here, while
/// its salt is there.
/// </summary>
internal static class NumberEntries
{
    /// <summary>A batch is held in memory: at a hundred bytes an entry, some ten megabytes.</summary>
    private const int Most = 100_000;

    /// <summary>
    /// Numbers one batch after the <paramref name="numbered"/> that have their number, at most up to an entry by commit, in the caller's
    /// transaction, which holds the sequencer's lock.
    /// </summary>
    /// <returns>How many have their number then.</returns>
    internal static async Task<long> Handle(long numbered, long upTo, byte[] secret, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var batch = new List<Row>();
        await using (var reader = await Read(numbered, upTo, transaction, cancel))
        {
            while (await reader.ReadAsync(cancel))
                batch.Add(Row.Of(reader, secret));
        }

        batch.Sort(static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            InsertPublicEntries,
            new
            {
                Batch = numbered,
                Entries = batch.ConvertAll(e => e.Number).ToArray(),
                Keys = batch.ConvertAll(e => e.Key).ToArray(),
                Kinds = batch.ConvertAll(e => e.Kind).ToArray(),
                Jobs = batch.ConvertAll(e => e.JobId).ToArray(),
                Facts = batch.ConvertAll(e => e.Facts).ToArray(),
            },
            transaction,
            cancellationToken: cancel));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            InsertVersion, new { Version = (short)Leaf.Version, Number = numbered + 1 }, transaction, cancellationToken: cancel));
        return numbered + batch.Count;
    }

    private static async Task<NpgsqlDataReader> Read(long numbered, long upTo, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(SelectBatch, transaction.Connection, transaction)
        {
            Parameters = { new("After", numbered), new("UpTo", Math.Min(upTo, numbered + Most)) },
        };
        return await command.ExecuteReaderAsync(cancel);
    }

    /// <summary>An entry that becomes public, with what is public of it beside what it says itself.</summary>
    private readonly record struct Row(long Number, byte[] Key, string Kind, Guid? JobId, byte[]? Facts)
    {
        internal static Row Of(NpgsqlDataReader row, byte[] secret) => new(
            row.GetInt64(0),
            PublicKey.Of(secret, row.GetString(1)),
            string.Intern(row.GetString(2)),
            row.IsDBNull(3) ? null : row.GetGuid(3),
            row.IsDBNull(4) ? null : FactsOf(row).Commitment(SaltOf(row)));

        private static DayFacts FactsOf(NpgsqlDataReader row) => new()
        {
            ActiveMs = row.GetInt64(4),
            AllowanceLeftMs = row.GetInt64(5),
            FirstOfJob = row.GetBoolean(6),
            UnseenMs = row.GetInt64(7),
            WallMs = DayFacts.Wall(row.GetFieldValue<DateTimeOffset>(8), row.GetFieldValue<DateTimeOffset>(9)),
        };

        // Erased before it became public: a commitment that nobody can open.
        private static byte[] SaltOf(NpgsqlDataReader row) =>
            row.IsDBNull(10) ? RandomNumberGenerator.GetBytes(Commitment.SaltBytes) : row.GetFieldValue<byte[]>(10);
    }

    // A range of three primary keys. The hour is that of the first: entries are never written back in time.
    private const string SelectBatch = """
        select e.number, e.key, e.kind, e.job_id, s.active_ms, s.allowance_left_ms, s.first_of_job, s.unseen_ms, s.claimed_at, s.ended_at, t.salt
        from entry e
        left join settlement s on s.entry_number = e.number and s.entry_number > @After and s.entry_number <= @UpTo
        left join salt t on t.entry_number = s.entry_number and t.entry_number > @After and t.entry_number <= @UpTo
        where e.number > @After and e.number <= @UpTo
          and e.at < (select date_trunc('hour', at at time zone 'UTC') at time zone 'UTC' + interval '1 hour' from entry where number = @After + 1)
        order by e.number
        """;

    private const string InsertPublicEntries = """
        insert into public_entry (number, entry_number, key, kind, job_id, batch, facts)
        select @Batch + ordinality, entry_number, key, kind, job_id, @Batch, facts
        from unnest(@Entries, @Keys::bytea[], @Kinds, @Jobs::uuid[], @Facts::bytea[]) with ordinality
          as e (entry_number, key, kind, job_id, facts, ordinality)
        """;

    // The first batch of a version says where it begins.
    private const string InsertVersion = """
        insert into log_leaf_version (version, first_number)
        values (@Version, @Number)
        on conflict do nothing
        """;
}
