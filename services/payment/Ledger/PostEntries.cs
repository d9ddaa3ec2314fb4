using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>The locked ledger: what was written before, the moment that the next entries carry, and the secret under which keys are public.</summary>
internal sealed record LedgerHead(long LastNumber, DateTimeOffset At, string Currency, byte[] Secret);

/// <summary>An account's balance as it stands in the transaction. Debit is positive, credit negative.</summary>
internal sealed record AccountBalance
{
    internal required string Name { get; init; }
    internal required long AccountId { get; init; }
    internal required long BalanceMicros { get; init; }

    /// <summary>All that was ever credited.</summary>
    internal required long CreditsMicros { get; init; }

    /// <summary>The last entry that moved it.</summary>
    internal required long Version { get; init; }
}

/// <summary>
/// Writes entries. Whoever calls has locked its own rows (jobs in the order of their ids) before; then the ledger, one writer at a time;
/// then everything in one round trip, however many entries there are, after what new accounts need.
/// </summary>
internal static class PostEntries
{
    /// <summary>Locks the ledger to the end of the transaction.</summary>
    internal static async Task<LedgerHead> Lock(NpgsqlTransaction transaction, DateTimeOffset now, string currency)
    {
        var head = await transaction.Connection!.QuerySingleAsync<HeadRow>(LockLedger, null, transaction);
        return head.At(now, currency);
    }

    /// <summary>Writes the entries in this order, numbered on from the head. Returns the head after them.</summary>
    /// <exception cref="PostgresException">The database refused: an entry does not balance, a key is used, an account would be overdrawn.</exception>
    internal static async Task<LedgerHead> Post(NpgsqlTransaction transaction, LedgerHead head, IReadOnlyList<Entry> entries)
    {
        var writes = new RoundTrip(transaction);
        var after = await Post(writes, head, entries, new Dictionary<string, AccountBalance>());
        await writes.Execute(CancellationToken.None);
        return after;
    }

    /// <summary>The same together with other writes. Accounts that were read under the lock are <paramref name="known"/>; others are looked up, or opened.</summary>
    internal static async Task<LedgerHead> Post(
        RoundTrip writes, LedgerHead head, IReadOnlyList<Entry> entries, IReadOnlyDictionary<string, AccountBalance> known)
    {
        if (entries.Count == 0)
            return head;

        var numbers = entries.Select((_, i) => head.LastNumber + 1 + i).ToArray();
        var accounts = await Open(writes.Transaction, head.Currency, [.. entries.SelectMany(e => e.Postings).Select(p => p.Account).Distinct()], known);
        var lines = entries.SelectMany((e, i) => e.Postings.Select(p => (Number: numbers[i], Account: accounts[p.Account.Name], p.Amount))).ToList();
        var workers = entries.Select((e, i) => (Number: numbers[i], e.Worker)).Where(w => w.Worker is not null).ToList();

        writes.Add(InsertEntries, new
        {
            Numbers = numbers,
            Keys = entries.Select(e => e.Key).ToArray(),
            Kinds = entries.Select(e => e.Kind).ToArray(),
            Jobs = entries.Select(e => e.JobId).ToArray(),
            Commitments = entries.Select(e => e.Worker is { } w ? Commitment.Of(w.Salt, w.WorkerId, e.Key) : null).ToArray(),
            head.At,
            head.Currency,
        });

        if (lines.Count > 0)
            writes.Add(InsertPostings, new
            {
                Numbers = lines.Select(l => l.Number).ToArray(),
                Accounts = lines.Select(l => l.Account).ToArray(),
                Amounts = lines.Select(l => l.Amount.Micros).ToArray(),
            });

        if (workers.Count > 0)
            writes.Add(InsertSalts, new
            {
                Numbers = workers.Select(w => w.Number).ToArray(),
                Workers = workers.Select(w => w.Worker!.WorkerId).ToArray(),
                Salts = workers.Select(w => w.Worker!.Salt).ToArray(),
            });

        return head with { LastNumber = numbers[^1] };
    }

    /// <summary>The balances of those accounts that exist, by name. Final while the ledger is locked.</summary>
    internal static async Task<Dictionary<string, AccountBalance>> Balances(NpgsqlTransaction transaction, IEnumerable<Account> accounts)
    {
        var names = accounts.Select(a => a.Name).Distinct().ToArray();
        var rows = await transaction.Connection!.QueryAsync<AccountBalance>(SelectAccounts, new { Names = names }, transaction);
        return rows.ToDictionary(a => a.Name);
    }

    /// <summary>The numbers of the entries that exist under these keys.</summary>
    internal static async Task<Dictionary<string, long>> Find(NpgsqlTransaction transaction, params string[] keys)
    {
        var rows = await transaction.Connection!.QueryAsync<(string Key, long Number)>(SelectNumbers, new { Keys = keys }, transaction);
        return rows.ToDictionary(r => r.Key, r => r.Number);
    }

    private static async Task<Dictionary<string, long>> Open(
        NpgsqlTransaction transaction, string currency, List<Account> accounts, IReadOnlyDictionary<string, AccountBalance> known)
    {
        var ids = accounts.Where(a => known.ContainsKey(a.Name)).ToDictionary(a => a.Name, a => known[a.Name].AccountId);
        await LookUp();
        var missing = Unknown();
        if (missing.Count > 0)
        {
            await transaction.Connection!.ExecuteAsync(InsertAccounts, new
            {
                Names = missing.Select(a => a.Name).ToArray(),
                PublicNames = missing.Select(a => a.PublicName).ToArray(),
                Kinds = missing.Select(a => a.Kind).ToArray(),
                Requesters = missing.Select(a => a.RequesterId).ToArray(),
                Jobs = missing.Select(a => a.JobId).ToArray(),
                Workers = missing.Select(a => a.WorkerId).ToArray(),
                Currency = currency,
            }, transaction);
            await LookUp();
        }

        return ids;

        List<Account> Unknown() => [.. accounts.Where(a => !ids.ContainsKey(a.Name))];

        async Task LookUp()
        {
            if (Unknown() is { Count: > 0 } unknown)
                foreach (var (name, account) in await Balances(transaction, unknown))
                    ids.Add(name, account.AccountId);
        }
    }

    /// <summary>The ledger's last entry, as <see cref="LockLedger"/> reads it.</summary>
    internal sealed record HeadRow
    {
        public required long LastNumber { get; init; }
        public required DateTimeOffset? LastAt { get; init; }
        public required byte[] Secret { get; init; }

        /// <summary>Entries never go back in time: a clock that did stands still.</summary>
        internal LedgerHead At(DateTimeOffset now, string currency) => new(LastNumber, LastAt is { } last && last > now ? last : now, currency, Secret);
    }

    internal const string LockLedger = """
        select l.last_number, nullif(l.last_at, '-infinity') as last_at, h.secret
        from lock_ledger() l
        cross join ledger_head h
        """;

    internal const string SelectNumbers = """
        select key, number
        from entry
        where key = any(@Keys)
        """;

    internal const string SelectAccounts = """
        select name, account_id, balance_micros, credits_micros, version
        from account
        where name = any(@Names)
        """;

    private const string InsertAccounts = """
        insert into account (name, public_name, kind, currency, requester_id, job_id, worker_id)
        select name, public_name, kind, @Currency, requester_id, job_id, worker_id
        from unnest(@Names, @PublicNames, @Kinds, @Requesters::uuid[], @Jobs::uuid[], @Workers::uuid[])
          as a (name, public_name, kind, requester_id, job_id, worker_id)
        """;

    private const string InsertEntries = """
        insert into entry (number, key, kind, at, currency, job_id, commitment)
        select number, key, kind, @At, @Currency, job_id, commitment
        from unnest(@Numbers, @Keys, @Kinds, @Jobs::uuid[], @Commitments::bytea[])
          as e (number, key, kind, job_id, commitment)
        """;

    private const string InsertPostings = """
        insert into posting (entry_number, account_id, amount_micros)
        select number, account_id, amount
        from unnest(@Numbers, @Accounts, @Amounts) as p (number, account_id, amount)
        """;

    private const string InsertSalts = """
        insert into salt (entry_number, worker_id, salt)
        select number, worker_id, salt
        from unnest(@Numbers, @Workers, @Salts) as s (number, worker_id, salt)
        """;
}
