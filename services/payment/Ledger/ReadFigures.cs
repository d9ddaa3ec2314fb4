using System.Data;
using System.Diagnostics;
using Dapper;
using Marketplace.Payment.Charts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The figures of the whole public ledger, from what is kept with every entry (balances, hourly pay by rate) less what is booked and not
/// public yet, so that a million entries cost what a hundred do. They end where entries were last published and are counted in, a second behind
/// at most, and are asked for once however many look.
/// </summary>
internal sealed class ReadFigures(NpgsqlDataSource database, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _reading = new(1);
    private LedgerFigures? _latest;
    private long _readAt;

    public void Dispose() => _reading.Dispose();

    internal async Task<LedgerFigures> Latest(CancellationToken cancel)
    {
        if (Fresh() is { } fresh)
            return fresh;

        await _reading.WaitAsync(cancel);
        try
        {
            if (Fresh() is { } justRead)
                return justRead;
            _latest = await Read(cancel);
            Volatile.Write(ref _readAt, Stopwatch.GetTimestamp());
            return _latest;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>
    /// The trial balance where the ledger was public up to this entry: the balances of now less what came since, so that near the end it costs
    /// little. Null where it never was: balances between two batches would tell the order in one.
    /// </summary>
    internal async Task<PublicTrialBalance?> BalanceUpTo(long number, string currency, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await PublicationQueries.Was(number, connection, cancel))
            return null;

        var rows = await connection.QueryAsync<ThenRow>(new CommandDefinition(SelectBalanceUpTo, new { Number = number }, cancellationToken: cancel));
        var lines = rows
            .GroupBy(r => (r.Kind, Account: AccountName.WithoutId(r.Kind, r.PublicName)))
            .Select(g => new BalanceLine { Kind = g.Key.Kind, Account = g.Key.Account, Number = g.Count(), BalanceMicros = g.Sum(r => r.BalanceMicros) })
            .OrderBy(l => AccountName.Rank(l.Kind)).ThenBy(l => l.Account, StringComparer.Ordinal)
            .ToList();
        return new PublicTrialBalance
        {
            Currency = currency,
            Entries = number,
            Accounts = lines,
            DebitMicros = lines.Sum(l => l.DebitMicros),
            CreditMicros = lines.Sum(l => l.CreditMicros),
        };
    }

    private LedgerFigures? Fresh() =>
        _latest is { } latest && Stopwatch.GetElapsedTime(Volatile.Read(ref _readAt)) < Keep ? latest : null;

    private async Task<LedgerFigures> Read(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (_latest is { } latest && latest.Entries == await connection.ExecuteScalarAsync<long>(new CommandDefinition(SelectCountedSize, cancellationToken: cancel)))
            return latest;

        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(SelectFigures, transaction: transaction, cancellationToken: cancel));
        var head = await results.ReadSingleAsync<HeadRow>();
        if (head.Counted != head.Size && _latest is { } before)
            return before;

        var balances = (await results.ReadAsync<BalanceRow>()).ToList();
        var rates = (await results.ReadAsync<HourlyRate>()).ToList();
        // After the rates: of whoever is counted in those, the bars are known.
        var people = (await results.ReadAsync<PeopleByPlaces>()).ToList();
        var returned = await results.ReadSingleAsync<long>();
        var policies = (await results.ReadAsync<long>()).ToList();

        return new LedgerFigures
        {
            At = clock.Now(),
            Entries = head.Size,
            Since = head.Since,
            TrialBalance = [.. balances.Select(Line).Append(NoShortfall).DistinctBy(l => l.Account).OrderBy(l => AccountName.Rank(l.Kind)).ThenBy(l => l.Account, StringComparer.Ordinal)],
            PolicyEntries = policies,
            Hourly = HourlyPay.Of(rates, people),
            People = balances.Where(b => b.Kind == AccountKind.Payable).Sum(b => b.Credited),
            ArrivedMicros = balances.Where(b => b.Kind == AccountKind.Bank).Sum(b => b.CreditsMicros) - returned,
        };
    }

    // Stands there before the account was ever opened: that it is 0 is the point.
    private static readonly BalanceLine NoShortfall = new()
    {
        Kind = AccountKind.Shortfall, Account = Account.Shortfall.PublicName, Number = 1, BalanceMicros = 0,
    };

    private static BalanceLine Line(BalanceRow row) => new()
    {
        Kind = row.Kind,
        Account = AccountName.WithoutId(row.Kind, row.PublicName),
        Number = row.Kind is AccountKind.Payable or AccountKind.InTransit ? 1 : row.Number,
        BalanceMicros = row.BalanceMicros,
    };

    private sealed record HeadRow
    {
        public required long Size { get; init; }

        /// <summary>Up to which entry pay is counted in: more than the size while it catches up.</summary>
        public required long Counted { get; init; }
        public required DateTimeOffset? Since { get; init; }
    }

    private sealed record BalanceRow
    {
        public required string Kind { get; init; }
        public required string PublicName { get; init; }
        public required long Number { get; init; }
        public required long Credited { get; init; }
        public required long CreditsMicros { get; init; }
        public required long BalanceMicros { get; init; }
    }

    private sealed record ThenRow
    {
        public required string Kind { get; init; }
        public required string PublicName { get; init; }
        public required long BalanceMicros { get; init; }
    }

    // The end of posting's primary key, and the accounts that it touches.
    private const string SelectBalanceUpTo = """
        select a.kind, a.public_name, sum(a.balance_micros - coalesce(s.since, 0))::bigint as balance_micros
        from account a
        left join (
          select account_id, sum(amount_micros) as since, sum(abs(amount_micros)) as turnover
          from posting
          where entry_number > @Number
          group by account_id) s using (account_id)
        where a.debits_micros + a.credits_micros > coalesce(s.turnover, 0)
        group by a.kind, a.public_name
        """;

    // The largest public size that pay is counted in for; what came since is the end of posting's primary key. An account of which all turnover came
    // since is not there yet.
    private const string SelectFigures = $"""
        select s.size, c.entry_number as counted, (select at from entry where number = 1 and s.size > 0) as since
        from ({SelectCountedSize}) s
        cross join hourly_pay_counted c;

        with size as materialized (
          {SelectCountedSize}),
        later as materialized (
          select account_id, sum(amount_micros) as micros, coalesce(-sum(amount_micros) filter (where amount_micros < 0), 0) as credits_micros,
            sum(abs(amount_micros)) as turnover_micros
          from posting
          where entry_number > (select size from size)
          group by account_id),
        shown as (
          select a.kind, a.public_name, a.balance_micros - coalesce(l.micros, 0) as balance_micros,
            a.credits_micros - coalesce(l.credits_micros, 0) as credits_micros
          from account a
          left join later l using (account_id)
          where a.debits_micros + a.credits_micros > coalesce(l.turnover_micros, 0))
        select kind, min(public_name) as public_name, count(*) as number, count(*) filter (where credits_micros > 0) as credited,
          sum(credits_micros)::bigint as credits_micros, sum(balance_micros)::bigint as balance_micros
        from shown
        group by kind, case when kind in ('deposit', 'escrow') then null else public_name end;

        select floor_micros_per_hour, hundredths, lifted, assignments, credited_ms
        from hourly_pay;

        select bars as places, count(*) as people
        from hourly_pay_person
        group by bars;

        select coalesce(sum(o.amount_micros), 0)::bigint
        from public_entry e
        join posting o on o.entry_number = e.entry_number
        where e.kind = 'payout-returned' and e.kind <> 'assignment-paid' and e.number <= ({SelectCountedSize}) and o.amount_micros > 0;

        select e.number
        from policy
        join public_entry e using (entry_number)
        where e.number <= ({SelectCountedSize})
        order by version;
        """;

    private const string SelectCountedSize = """
        select coalesce(max(size), 0) as size
        from log_checkpoint
        where size <= (select entry_number from hourly_pay_counted)
        """;
}
