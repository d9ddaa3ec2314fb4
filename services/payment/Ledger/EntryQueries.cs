using System.Security.Cryptography;
using System.Text;
using Marketplace.Contracts;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// Reads entries in their public form. No query here asks for an assignment or a worker, so none can leak one; the key is
/// read only to be hidden under the log's secret.
/// </summary>
internal static class EntryQueries
{
    /// <summary>The entries with these numbers, newest first.</summary>
    internal static async Task<List<PublicEntry>> ByNumbers(
        NpgsqlConnection connection, long[] numbers, AccountNames accounts, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(SelectByNumbers, connection);
        command.Parameters.AddWithValue("Numbers", numbers);
        return await Read(connection, command, accounts, cancel);
    }

    /// <summary>The entries after one number up to another, in order.</summary>
    internal static async Task<List<PublicEntry>> ByRange(
        NpgsqlConnection connection, long after, long upTo, AccountNames accounts, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(SelectByRange, connection);
        command.Parameters.AddWithValue("After", after);
        command.Parameters.AddWithValue("UpTo", upTo);
        return await Read(connection, command, accounts, cancel);
    }

    private static async Task<List<PublicEntry>> Read(
        NpgsqlConnection connection, NpgsqlCommand command, AccountNames accounts, CancellationToken cancel)
    {
        var rows = new List<(PublicEntry Entry, string? Commitment, long[] Accounts, long[] Amounts)>();
        var secret = await accounts.Secret(connection, cancel);
        await using (var reader = await command.ExecuteReaderAsync(cancel))
        {
            while (await reader.ReadAsync(cancel))
                rows.Add((
                    ReadEntry(reader, secret),
                    reader.IsDBNull(6) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(6)),
                    reader.IsDBNull(9) ? [] : reader.GetFieldValue<long[]>(9),
                    reader.IsDBNull(10) ? [] : reader.GetFieldValue<long[]>(10)));
        }

        await accounts.Learn(connection, rows.SelectMany(r => r.Accounts), cancel);
        return rows.ConvertAll(r => r.Entry with { Postings = Lines(r.Commitment, r.Accounts, r.Amounts, accounts) });
    }

    private static PublicPosting[] Lines(string? commitment, long[] accountIds, long[] amounts, AccountNames accounts)
    {
        var lines = new PublicPosting[accountIds.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            var (kind, name) = accounts[accountIds[i]];
            lines[i] = new PublicPosting
            {
                Account = name,
                AccountKind = kind,
                AmountMicros = amounts[i],
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
        var kind = row.GetString(2);
        return new PublicEntry
        {
            Number = row.GetInt64(0),
            Key = Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(row.GetString(1)))),
            Kind = kind,
            At = PublicEntry.Shown(kind, row.GetFieldValue<DateTimeOffset>(3)),
            Currency = row.GetString(4),
            JobId = row.IsDBNull(5) ? null : row.GetGuid(5),
            Corrects = row.IsDBNull(7) ? null : row.GetInt64(7),
            JobTitle = row.IsDBNull(8) ? null : row.GetString(8),
            Postings = [],
            Pay = row.IsDBNull(11) ? null : ReadPay(row),
            Policy = row.IsDBNull(28) ? null : new PolicyFacts
            {
                Version = row.GetInt32(28),
                InForceFrom = row.GetFieldValue<DateTimeOffset>(29),
                FloorMicrosPerHour = row.GetInt64(30),
                FeeBps = row.GetInt32(31),
                LevyBps = row.GetInt32(32),
            },
        };
    }

    private static PayFacts ReadPay(NpgsqlDataReader row) => new()
    {
        End = Enum.Parse<AssignmentEnd>(row.GetString(11), ignoreCase: true),
        TermsVersion = row.GetInt32(12),
        RewardMicros = row.GetInt64(13),
        ActiveMs = row.GetInt64(14),
        UnseenMs = row.GetInt64(15),
        AllowanceLeftMs = row.GetInt64(16),
        FirstOfJob = row.GetBoolean(17),
        LimitMs = row.GetInt64(18),
        ReadingMs = row.GetInt64(19),
        CreditedMs = row.GetInt64(20),
        FloorMicrosPerHour = row.GetInt64(21),
        PolicyVersion = row.GetInt32(22),
        OwedMicros = row.GetInt64(23),
        TopUpMicros = row.GetInt64(24),
        PayMicros = row.GetInt64(25),
        FeeMicros = row.GetInt64(26),
        LevyMicros = row.GetInt64(27),
        FeeBps = row.GetInt32(33),
        LevyBps = row.GetInt32(34),
    };

    private const string Columns = """
        e.number, e.key, e.kind, e.at, e.currency, e.job_id, e.commitment, e.corrects, j.title, p.accounts, p.amounts,
        s.ended, s.terms_version, s.reward_micros, s.active_ms, s.unseen_ms, s.allowance_left_ms, s.first_of_job, s.limit_ms, s.reading_ms,
        s.credited_ms, s.floor_micros_per_hour, s.policy_version, s.owed_micros, s.top_up_micros, s.pay_micros, s.fee_micros, s.levy_micros,
        a.version, a.in_force_from, a.floor_micros_per_hour, a.fee_bps, a.levy_bps, y.fee_bps, y.levy_bps
        """;

    // By primary keys alone: entry, posting, settlement, job.
    private const string SelectByNumbers = $"""
        select {Columns}
        from entry e
        left join lateral (
          select array_agg(account_id) as accounts, array_agg(amount_micros) as amounts
          from posting
          where entry_number = e.number) p on true
        left join settlement s on s.entry_number = e.number
        left join job j on j.job_id = e.job_id
        left join policy y on y.version = s.policy_version
        left join policy a on a.entry_number = e.number
        where e.number = any(@Numbers)
        order by e.number desc
        """;

    // One range of each table's primary key.
    private const string SelectByRange = $"""
        select {Columns}
        from entry e
        left join (
          select entry_number, array_agg(account_id) as accounts, array_agg(amount_micros) as amounts
          from posting
          where entry_number > @After and entry_number <= @UpTo
          group by entry_number) p on p.entry_number = e.number
        left join settlement s on s.entry_number = e.number and s.entry_number > @After and s.entry_number <= @UpTo
        left join job j on j.job_id = e.job_id
        left join policy y on y.version = s.policy_version
        left join policy a on a.entry_number = e.number
        where e.number > @After and e.number <= @UpTo
        order by e.number
        """;
}
