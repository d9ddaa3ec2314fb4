using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Payment.Charts;

/// <summary>
/// Counts settlements into the distribution of hourly pay and the pay of days and months, a second behind what is public. Entry
/// numbers have no gaps and come in commit order, so "up to which number" is all there is to remember, and settling itself
/// pays nothing for it. Where a batch ends, the first n by commit are the first n by public number.
/// </summary>
internal sealed class CountPay(NpgsqlDataSource database, Installation installation, ILogger<CountPay> logger) : BackgroundService
{
    private const int AtOnce = 50_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            try
            {
                while (await Count(database, installation.TimeZone, stoppingToken) == AtOnce)
                    stoppingToken.ThrowIfCancellationRequested();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Pay is not counted for now: {Why}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Counts the next entries in, each once whoever else counts; says how many numbers it went on.</summary>
    internal static async Task<long> Count(NpgsqlDataSource database, TimeZoneInfo zone, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var after = await connection.QuerySingleAsync<long>(new CommandDefinition(LockCounted, null, transaction, cancellationToken: cancel));
        var last = await PublicationQueries.Size(connection, cancel);
        var range = new { After = after, UpTo = Math.Min(last, after + AtOnce), LastBar = HourlyPay.Bars - 1, Zone = zone.Id };
        // The version before counts to the last entry booked, which is further than what is public.
        if (range.UpTo <= after)
            return 0;

        foreach (var sql in (string[])[AddHourlyPay, AddHourlyPayPeople, AddPayPeriods, SetCounted])
            await connection.ExecuteAsync(new CommandDefinition(sql, range, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return range.UpTo - after;
    }

    private const string LockCounted = """
        select entry_number
        from hourly_pay_counted
        for update
        """;

    private const string AddHourlyPay = """
        insert into hourly_pay as h (floor_micros_per_hour, hundredths, lifted, assignments, credited_ms)
        select floor_micros_per_hour, least(100000, pay_micros * 3600000 / credited_ms / 10000), top_up_micros > 0, count(*), sum(credited_ms)
        from settlement
        where entry_number > @After and entry_number <= @UpTo and credited_ms > 0
        group by 1, 2, 3
        order by 1, 2, 3
        on conflict (floor_micros_per_hour, hundredths, lifted) do update
        set assignments = h.assignments + excluded.assignments,
            credited_ms = h.credited_ms + excluded.credited_ms
        """;

    // The bars are those of HourlyPay.
    private const string AddHourlyPayPeople = """
        insert into hourly_pay_person as p (worker_id, bars)
        select
          worker_id,
          bit_or(1 << case when top_up_micros > 0 then 0 else greatest(1, least(@LastBar,
            1 + (least(100000, pay_micros * 3600000 / credited_ms / 10000) - floor_micros_per_hour / 10000) / 100))::int end)
        from settlement
        where entry_number > @After and entry_number <= @UpTo and credited_ms > 0
        group by worker_id
        order by worker_id
        on conflict (worker_id) do update
        set bars = p.bars | excluded.bars
        where p.bars | excluded.bars <> p.bars
        """;

    private const string AddPayPeriods = """
        with paid as (
          select
            u.unit, date_trunc(u.unit, e.at at time zone @Zone)::date as start, s.worker_id, s.counted_micros, s.top_up_micros, s.fee_micros, s.levy_micros
          from settlement s
          join entry e on e.number = s.entry_number
          cross join (values ('day'), ('month')) as u (unit)
          where s.entry_number > @After and s.entry_number <= @UpTo and s.pay_micros > 0),
        person as (
          insert into pay_period_person (unit, start, worker_id)
          select distinct unit, start, worker_id from paid order by unit, start, worker_id
          on conflict do nothing
          returning unit, start)
        insert into pay_period as p (unit, start, assignments, reward_micros, top_up_micros, fee_micros, levy_micros, people)
        select
          unit, start, count(*), sum(counted_micros), sum(top_up_micros), sum(fee_micros), sum(levy_micros),
          (select count(*) from person where person.unit = paid.unit and person.start = paid.start)
        from paid
        group by unit, start
        order by unit, start
        on conflict (unit, start) do update
        set assignments = p.assignments + excluded.assignments,
            reward_micros = p.reward_micros + excluded.reward_micros,
            top_up_micros = p.top_up_micros + excluded.top_up_micros,
            fee_micros = p.fee_micros + excluded.fee_micros,
            levy_micros = p.levy_micros + excluded.levy_micros,
            people = p.people + excluded.people
        """;

    private const string SetCounted = """
        update hourly_pay_counted
        set entry_number = @UpTo
        """;
}
