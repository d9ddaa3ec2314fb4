using System.Diagnostics;
using Dapper;
using Marketplace.Payment.Charts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The figures of the whole ledger, from what is kept with every entry (balances, hourly pay by rate): no entry is read, so
/// a million cost what a hundred do. At most a second old, and asked for once however many look.
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

    /// <summary>The trial balance as it was after an entry: the balances of now less what came since, so that near the end it costs little.</summary>
    internal async Task<PublicTrialBalance> BalanceUpTo(long number, string currency, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<ThenRow>(new CommandDefinition(SelectBalanceUpTo, new { Number = number }, cancellationToken: cancel));
        var lines = rows
            .GroupBy(r => (r.Kind, Account: AccountName.WithoutId(r.Kind, r.PublicName)))
            .Select(g => new BalanceLine { Kind = g.Key.Kind, Account = g.Key.Account, Number = g.Count(), BalanceMicros = g.Sum(r => r.BalanceMicros) })
            .OrderBy(l => AccountName.Rank(l.Kind)).ThenBy(l => l.Account, StringComparer.Ordinal)
            .ToList();
        return new()
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
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(SelectFigures, cancellationToken: cancel));
        var head = await results.ReadSingleAsync<HeadRow>();
        var balances = (await results.ReadAsync<BalanceRow>()).ToList();
        var rates = (await results.ReadAsync<HourlyRate>()).ToList();
        // After the rates: of whoever is counted in those, the bars are known.
        var people = (await results.ReadAsync<PeopleByPlaces>()).ToList();
        var returned = await results.ReadSingleAsync<long>();
        var policies = (await results.ReadAsync<long>()).ToList();

        return new LedgerFigures
        {
            At = clock.Now(),
            Entries = head.LastNumber,
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
        public required long LastNumber { get; init; }
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
          select account_id, sum(amount_micros) as since
          from posting
          where entry_number > @Number
          group by account_id) s using (account_id)
        group by a.kind, a.public_name
        """;

    private const string SelectFigures = """
        select h.last_number, (select at from entry where number = 1) as since
        from ledger_head h;

        select kind, min(public_name) as public_name, count(*) as number, count(*) filter (where credits_micros > 0) as credited,
          sum(credits_micros)::bigint as credits_micros, sum(balance_micros)::bigint as balance_micros
        from account
        group by kind, case when kind in ('deposit', 'escrow') then null else public_name end;

        select floor_micros_per_hour, hundredths, lifted, assignments, credited_ms
        from hourly_pay;

        select bars as places, count(*) as people
        from hourly_pay_person
        group by bars;

        select coalesce(sum(p.amount_micros), 0)::bigint
        from entry e
        join posting p on p.entry_number = e.number
        where e.kind = 'payout-returned' and p.amount_micros > 0;

        select entry_number
        from policy
        order by version;
        """;
}
