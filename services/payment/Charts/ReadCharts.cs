using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Payment.Charts;

/// <summary>Reads what the public charts show, from what is counted; they end where the figures beside them do, and are asked for once however many look.</summary>
internal sealed class ReadCharts(NpgsqlDataSource database, Installation installation, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private PublicCharts? _latest;
    private long _size;

    public void Dispose() => _reading.Dispose();

    /// <summary>The charts of the same entries as these figures.</summary>
    internal async Task<PublicCharts> Latest(LedgerFigures figures, CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            if (_latest is null || _size != figures.Entries)
                (_latest, _size) = (await Read(figures.People, figures.Entries, cancel), figures.Entries);
            return _latest;
        }
        finally
        {
            _reading.Release();
        }
    }

    internal async Task<PublicCharts> Read(long people, long size, CancellationToken cancel)
    {
        var since = TimeText.DayOf(clock.GetUtcNow(), installation.TimeZone).AddDays(1 - PublicCharts.MostDays);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(
            SelectCharts, new { Size = size, Since = since.ToDateTime(TimeOnly.MinValue), Fewest = LedgerFigures.FewestPeople, States = PayoutState.All.ToArray() }, transaction, cancellationToken: cancel));
        var periods = (await results.ReadAsync<PeriodRow>()).ToList();
        var few = (await results.ReadAsync<PersonRow>()).ToLookup(p => (p.Unit, p.Start), p => p.WorkerId);
        var states = (await results.ReadAsync<StateRow>()).ToDictionary(s => s.Place);
        var paidOut = (await results.ReadAsync<PeopleByPlaces>()).ToList();
        return PublicCharts.Of(
            Periods("day"),
            Periods("month"),
            [.. Enumerable.Range(0, PayoutState.All.Count).Select(place => states.TryGetValue(place, out var s) ? (s.Payouts, s.AmountMicros) : (0, 0))],
            paidOut,
            people,
            LedgerFigures.FewestPeople);

        List<PayPeriod> Periods(string unit) => [.. periods.Where(p => p.Unit == unit).OrderBy(p => p.Start).Select(p => p.ToPeriod(few[(p.Unit, p.Start)]))];
    }

    private sealed record PeriodRow
    {
        public required string Unit { get; init; }
        public required DateTime Start { get; init; }
        public required long Assignments { get; init; }
        public required long RewardMicros { get; init; }
        public required long TopUpMicros { get; init; }
        public required long FeeMicros { get; init; }
        public required long LevyMicros { get; init; }
        public required long People { get; init; }

        internal PayPeriod ToPeriod(IEnumerable<Guid> few)
        {
            var from = DateOnly.FromDateTime(Start);
            return new()
            {
                From = from,
                To = Unit == "day" ? from : from.AddMonths(1).AddDays(-1),
                Assignments = Assignments,
                RewardMicros = RewardMicros,
                TopUpMicros = TopUpMicros,
                FeeMicros = FeeMicros,
                LevyMicros = LevyMicros,
                People = People,
                Few = [.. few],
            };
        }
    }

    private sealed record PersonRow
    {
        public required string Unit { get; init; }
        public required DateTime Start { get; init; }
        public required Guid WorkerId { get; init; }
    }

    private sealed record StateRow
    {
        public required int Place { get; init; }
        public required long Payouts { get; init; }
        public required long AmountMicros { get; init; }
    }

    private const string SelectCharts = """
        select unit, start::timestamp as start, assignments, reward_micros, top_up_micros, fee_micros, levy_micros, people
        from pay_period
        where unit = 'month' or start >= @Since::date;

        select unit, start::timestamp as start, worker_id
        from pay_period
        join pay_period_person using (unit, start)
        where people < @Fewest and (unit = 'month' or start >= @Since::date);

        with latest as (
          select distinct on (payout_id) payout_id, state
          from payout_step
          where entry_number <= @Size
          order by payout_id, rank desc)
        select array_position(@States::text[], state) - 1 as place, count(*) as payouts, sum(amount_micros)::bigint as amount_micros
        from latest
        join payout using (payout_id)
        group by state;

        with latest as (
          select distinct on (payout_id) payout_id, state
          from payout_step
          where entry_number <= @Size
          order by payout_id, rank desc),
        person as (
          select worker_id, bit_or(1 << (array_position(@States::text[], state) - 1)) as places
          from latest
          join payout using (payout_id)
          group by worker_id)
        select places, count(*) as people
        from person
        group by places;
        """;
}
