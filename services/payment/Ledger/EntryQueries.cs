using Marketplace.Contracts;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// Reads entries in their public form, by their public numbers. No query here asks for an assignment or a worker, so none can leak one; the
/// key is read only to be hidden under the log's secret.
/// </summary>
internal static class EntryQueries
{
    /// <summary>The entries with these numbers, newest first.</summary>
    internal static async Task<List<PublicEntry>> ByNumbers(
        NpgsqlConnection connection, long[] numbers, ReadAccountNames accounts, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[SelectByNumbers, SelectPostingsByNumbers])
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new("Numbers", numbers) } });
        return await Read(connection, batch, accounts, cancel);
    }

    /// <summary>The entries after one number up to another, in order.</summary>
    internal static async Task<List<PublicEntry>> ByRange(
        NpgsqlConnection connection, long after, long upTo, ReadAccountNames accounts, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[SelectByRange, SelectPostingsByRange])
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new("After", after), new("UpTo", upTo) } });
        return await Read(connection, batch, accounts, cancel);
    }

    private static async Task<List<PublicEntry>> Read(
        NpgsqlConnection connection, NpgsqlBatch batch, ReadAccountNames accounts, CancellationToken cancel)
    {
        var entries = new List<PublicEntry>();
        var postings = new List<(long Number, long Account, long Amount)>();
        var secret = await accounts.Secret(connection, cancel);
        await using (var reader = await batch.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                entries.Add(ReadEntry(reader, secret));
            await reader.NextResultAsync(cancel);
            while (await reader.ReadAsync(cancel))
                postings.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        await accounts.Learn(connection, postings.Select(p => p.Account), cancel);
        // Both lists are in the order of numbers: one walk puts them together.
        var next = 0;
        return entries.ConvertAll(e =>
        {
            var from = next;
            while (next < postings.Count && postings[next].Number == e.Number)
                next++;
            return e with { Postings = Lines(e.Commitment, postings[from..next], accounts) };
        });
    }

    private static PublicPosting[] Lines(string? commitment, List<(long Number, long Account, long Amount)> postings, ReadAccountNames accounts)
    {
        var lines = new PublicPosting[postings.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            var (kind, name) = accounts[postings[i].Account];
            lines[i] = new PublicPosting
            {
                Account = name,
                AccountKind = kind,
                AmountMicros = postings[i].Amount,
                Commitment = kind is AccountKind.Payable or AccountKind.InTransit ? commitment : null,
            };
        }

        Array.Sort(lines, static (a, b) =>
            (a.AmountMicros < 0).CompareTo(b.AmountMicros < 0) is not 0 and var side ? side
            : Math.Abs(b.AmountMicros).CompareTo(Math.Abs(a.AmountMicros)) is not 0 and var size ? size
            : string.CompareOrdinal(a.Account, b.Account));
        return lines;
    }

    private static PublicEntry ReadEntry(NpgsqlDataReader row, byte[] secret)
    {
        var kind = string.Intern(row.GetString(2));
        long? batch = row.IsDBNull(50) ? null : row.GetInt64(50);
        return new PublicEntry
        {
            Number = row.GetInt64(0),
            Batch = batch,
            Key = Convert.ToHexStringLower(row.GetFieldValue<byte[]>(1)),
            Kind = kind,
            At = PublicEntry.Shown(kind, batch, row.GetFieldValue<DateTimeOffset>(3)),
            Currency = row.GetString(4),
            JobId = row.IsDBNull(5) ? null : row.GetGuid(5),
            Corrects = row.IsDBNull(7) ? null : row.GetInt64(7),
            JobTitle = row.IsDBNull(8) ? null : row.GetString(8),
            Postings = [],
            Commitment = row.IsDBNull(6) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(6)),
            Payout = row.IsDBNull(52) ? null : PayoutOf(row.GetString(52), secret),
            Pay = row.IsDBNull(9) ? null : ReadPay(row, row.IsDBNull(51) ? null : row.GetFieldValue<byte[]>(51)),
            Policy = row.IsDBNull(28) ? null : ReadPolicy(row),
        };
    }

    /// <summary>The key of a payout's step is <c>payout:ID:STEP</c>; without the step it is the same for all of them.</summary>
    private static string PayoutOf(string key, byte[] secret) => Convert.ToHexStringLower(PublicKey.Of(secret, key[..key.LastIndexOf(':')]));

    private static PolicyFacts ReadPolicy(NpgsqlDataReader row) => new()
    {
        Version = row.GetInt32(28),
        InForceFrom = row.GetFieldValue<DateTimeOffset>(29),
        FloorMicrosPerHour = row.GetInt64(30),
        FeeBps = row.GetInt32(31),
        LevyBps = row.GetInt32(32),
        LimitLeastMs = row.GetInt64(33),
        LimitFactor = row.GetInt32(34),
        ReadingPerWordMs = row.GetInt64(35),
        ReadingMostMs = row.GetInt64(36),
        LeaseLeastMs = row.GetInt64(37),
        EarliestSubmitDivisor = row.GetInt32(38),
        IdleLeastMs = row.GetInt64(39),
        IdleMostMs = row.GetInt64(40),
        AllowanceBaseMs = row.GetInt64(41),
        AllowanceShareBps = row.GetInt32(42),
        GraceMs = row.GetInt64(43),
        MostCreditedIn24hMs = row.GetInt64(44),
        PriceSample = row.GetInt32(45),
        PriceWorkers = row.GetInt32(46),
        PriceBandBps = row.GetInt32(47),
        PriceStepBps = row.GetInt32(48),
        JobLifeMs = row.GetInt64(49),
    };

    private static PayFacts ReadPay(NpgsqlDataReader row, byte[]? facts) => new()
    {
        End = Enum.Parse<AssignmentEnd>(row.GetString(9), ignoreCase: true),
        TermsVersion = row.GetInt32(10),
        RewardMicros = row.GetInt64(11),
        ActiveMs = facts is null ? row.GetInt64(12) : null,
        UnseenMs = facts is null ? row.GetInt64(13) : null,
        AllowanceLeftMs = facts is null ? row.GetInt64(14) : null,
        FirstOfJob = facts is null ? row.GetBoolean(15) : null,
        Facts = facts is null ? null : Convert.ToHexStringLower(facts),
        LimitMs = row.GetInt64(16),
        ReadingMs = row.GetInt64(17),
        CreditedMs = row.GetInt64(18),
        FloorMicrosPerHour = row.GetInt64(19),
        PolicyVersion = row.GetInt32(20),
        OwedMicros = row.GetInt64(21),
        TopUpMicros = row.GetInt64(22),
        PayMicros = row.GetInt64(23),
        FeeMicros = row.GetInt64(24),
        LevyMicros = row.GetInt64(25),
        FeeBps = row.IsDBNull(26) ? null : row.GetInt32(26),
        LevyBps = row.IsDBNull(27) ? null : row.GetInt32(27),
    };

    private const string Columns = """
        p.number, p.key, p.kind, e.at, e.currency, p.job_id, e.commitment, c.number, j.title,
        s.ended, s.terms_version, s.reward_micros, s.active_ms, s.unseen_ms, s.allowance_left_ms, s.first_of_job, s.limit_ms, s.reading_ms,
        s.credited_ms, s.floor_micros_per_hour, s.policy_version, s.owed_micros, s.top_up_micros, s.pay_micros, s.fee_micros, s.levy_micros,
        y.fee_bps, y.levy_bps, a.version, a.in_force_from, a.floor_micros_per_hour, a.fee_bps, a.levy_bps, a.limit_least_ms,
        a.limit_factor, a.reading_per_word_ms, a.reading_most_ms, a.lease_least_ms, a.earliest_submit_divisor, a.idle_least_ms, a.idle_most_ms,
        a.allowance_base_ms, a.allowance_share_bps, a.grace_ms, a.most_credited_in24h_ms, a.price_sample, a.price_workers, a.price_band_bps,
        a.price_step_bps, a.job_life_ms, p.batch, p.facts, case when p.kind like 'payout-%' then e.key end
        """;

    private const string Joins = """
        from public_entry p
        join entry e on e.number = p.entry_number
        left join settlement s on s.entry_number = p.entry_number
        left join job j on j.job_id = p.job_id
        left join policy y on y.version = s.policy_version
        left join policy a on a.entry_number = p.entry_number
        left join public_entry c on c.entry_number = e.corrects
        """;

    // By primary keys alone, and the unique one of the entry's number.
    private const string SelectByNumbers = $"""
        select {Columns}
        {Joins}
        where p.number = any(@Numbers)
        order by p.number desc
        """;

    private const string SelectPostingsByNumbers = """
        select p.number, o.account_id, o.amount_micros
        from public_entry p
        join posting o on o.entry_number = p.entry_number
        where p.number = any(@Numbers)
        order by p.number desc
        """;

    // Postings are joined here and not there: a plan made before there were statistics would go through all of them for each entry.
    private const string SelectByRange = $"""
        select {Columns}
        {Joins}
        where p.number > @After and p.number <= @UpTo
        order by p.number
        """;

    private const string SelectPostingsByRange = """
        select p.number, o.account_id, o.amount_micros
        from public_entry p
        join posting o on o.entry_number = p.entry_number
        where p.number > @After and p.number <= @UpTo
        order by p.number
        """;
}
