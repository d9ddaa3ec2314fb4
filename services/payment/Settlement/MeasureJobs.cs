using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Charts;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Policy;
using Marketplace.PayRule;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>
/// Says what a job's assignments took and paid, for the whole job only: from five people on, then when ten ends or more by five people or more
/// came since the last time (a difference of one person is that person; of a long job at every fiftieth part, since it reads the whole job each
/// time), and when it is finished. Outside the way of the settling.
/// </summary>
internal sealed class MeasureJobs(NpgsqlDataSource database, OutboxSignal signal, ILogger<MeasureJobs> logger) : BackgroundService
{
    /// <summary>Under so many people, in all or since the last time, no time is told, and no spread is ever shown.</summary>
    internal const int LeastPeople = 5;

    private const int LeastEnds = 10;

    /// <summary>Until so many a job of which nothing was told yet is looked at after each end, for its fifth person.</summary>
    private const int ManyEnds = 50;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly StepAside<Guid> _aside = new();

    /// <summary>Whether enough has ended since the last time; whether by enough people is asked when it is measured.</summary>
    internal static bool IsNews(Job job, bool finishes) =>
        finishes
        || (job.LookedAt < ManyEnds && job.MeasuredVersion == 0
            ? job.Ended >= LeastPeople
            : job.Ended - job.LookedAt >= Math.Max(LeastEnds, job.LookedAt / 50));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Poll);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await MeasureNext(stoppingToken))
                {
                    // Until no job is due.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Measuring waits: a job's cannot be done, or the database does not answer");
            }
        }
    }

    private async Task<bool> MeasureNext(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await connection.ExecuteScalarAsync<Guid?>(SelectJobToMeasure, new { Aside = _aside.Now }, transaction) is not { } jobId)
            return false;

        try
        {
            await Measure(jobId, transaction, cancel);
            await transaction.CommitAsync(cancel);
        }
        catch (Exception e) when (StepAside.IsOfTheRow(e))
        {
            _aside.Failed(jobId);
            throw;
        }

        signal.Wake();
        return true;
    }

    private static async Task Measure(Guid jobId, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        // Read before the job is locked: reading a long job takes a while, and its pay must not wait for that.
        var connection = transaction.Connection!;
        var told = await Read(jobId, connection, transaction);
        var measured = told.Event;
        var job = (await JobQueries.Lock(transaction, [jobId]))[jobId];

        // What was settled meanwhile asks for the next time by itself, unless it was enough for one already, or the last; nor does it while one
        // is asked for that too few people were behind.
        var finishes = job.FinishedAt is not null && !measured.Finished;
        if (told.IsOfEnough ? !IsNews(job with { MeasuredVersion = measured.Version, LookedAt = told.Ended }, finishes) : !finishes && job.Ended == told.Ended)
            await connection.ExecuteAsync(DeleteJobToMeasure, new { JobId = jobId }, transaction);
        await connection.ExecuteAsync(UpdateLookedAt, new { JobId = jobId, told.Ended }, transaction);
        if ((told.IsOfEnough || measured.Finished)
            && await connection.ExecuteAsync(UpdateJob, new { measured.JobId, measured.Version, Entry = told.UpTo }, transaction) == 1)
            await Outbox.Add(measured, transaction, cancel);
    }

    /// <summary>What was last said of a job, said again; or, where nothing was, what can be said now.</summary>
    internal static async Task<JobMeasured> Measure(Guid jobId, NpgsqlConnection connection) => (await Read(jobId, connection, null)).Event;

    /// <summary>
    /// What can be said of a job now. If five people or more have ended something since the last time, of all of it; if not, times and hourly pay
    /// are those of the last time, and of a finished job sums of money alone are of all. Whether it may be said yet is another matter: see
    /// <see cref="IsNews"/>.
    /// </summary>
    private static async Task<Told> Read(Guid jobId, NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        var policies = (await PolicyQueries.All(connection, transaction)).ToDictionary(p => p.Version);
        var since = await connection.QuerySingleAsync<SinceRow>(SelectSince, new { JobId = jobId }, transaction);
        var isOfEnough = since.People >= LeastPeople;
        var now = await connection.QuerySingleAsync<Row>(SelectMeasure, new { JobId = jobId, UpTo = long.MaxValue }, transaction);
        var all = now.ToEvent(policies[now.PolicyVersion]);
        if (now.Finished && now.People < LeastPeople)
            return new(all.MoneyAlone(), isOfEnough, now.LastEntry, now.Ended);
        if (isOfEnough || since.MeasuredEntry == 0)
            return new(all, isOfEnough, now.LastEntry, now.Ended);

        var then = await connection.QuerySingleAsync<Row>(SelectMeasure, new { JobId = jobId, UpTo = since.MeasuredEntry }, transaction);
        var before = then.ToEvent(policies[then.PolicyVersion]);
        return new(now.Finished ? before.WithMoneyOf(all) : before with { Version = since.MeasuredVersion }, isOfEnough, since.MeasuredEntry, now.Ended);
    }

    /// <summary>What is said of a job, whether enough people came since the last time, up to which entry times are told, and how many ends were looked at.</summary>
    private sealed record Told(JobMeasured Event, bool IsOfEnough, long UpTo, long Ended);

    private sealed record SinceRow
    {
        /// <summary>Up to which entry times were last told; 0 where they never were.</summary>
        public required long MeasuredEntry { get; init; }
        public required long MeasuredVersion { get; init; }

        /// <summary>How many different people have ended something since then.</summary>
        public required int People { get; init; }
    }

    internal sealed record Row
    {
        public required Guid JobId { get; init; }
        public required int PolicyVersion { get; init; }
        public required bool Finished { get; init; }
        public required long EscrowMicros { get; init; }
        public required int People { get; init; }
        public required long Ended { get; init; }

        /// <summary>The last entry that is counted; 0 where there is none.</summary>
        public required long LastEntry { get; init; }
        public required long Submitted { get; init; }
        public required long Returned { get; init; }
        public required long Expired { get; init; }
        public required long Broken { get; init; }
        public required long PaidSubmittedMicros { get; init; }
        public required long PaidUnsubmittedMicros { get; init; }
        public required long TopUpMicros { get; init; }
        public required long FeeMicros { get; init; }
        public required long LevyMicros { get; init; }
        public required long CreditedMs { get; init; }
        public required long[]? CreditedQuartilesMs { get; init; }
        public required int Workers { get; init; }
        public required long? MedianOfMediansMs { get; init; }
        public required long[]? HourlyQuartilesMicros { get; init; }
        public required long? HourlyLowestMicros { get; init; }
        public required long[] HourlyHistogram { get; init; }

        /// <summary>Sets of bars, a bit for each, and how many people are in exactly these.</summary>
        public required int[] HourlyPlaces { get; init; }
        public required long[] HourlyPeople { get; init; }

        internal JobMeasured ToEvent(PayPolicy policy)
        {
            var hourly = HourlyBars();
            return new JobMeasured
            {
                JobId = JobId,
                Version = Ended + (Finished ? 1 : 0),
                People = People,
                Submitted = Submitted,
                Returned = Returned,
                Expired = Expired,
                Broken = Broken,
                PaidSubmittedMicros = PaidSubmittedMicros,
                PaidUnsubmittedMicros = PaidUnsubmittedMicros,
                TopUpMicros = TopUpMicros,
                FeeMicros = FeeMicros,
                LevyMicros = LevyMicros,
                CreditedMs = CreditedMs,
                CreditedQuartilesMs = Workers >= LeastPeople ? CreditedQuartilesMs ?? [] : [],
                MeasuredMs = Submitted >= policy.PriceSample && Workers >= policy.PriceWorkers ? MedianOfMediansMs : null,
                HourlyQuartilesMicros = hourly.Count > 0 ? HourlyQuartilesMicros ?? [] : [],
                HourlyLowestMicros = hourly.Count > 0 ? HourlyLowestMicros : null,
                HourlyHistogram = [.. hourly.SelectMany(group => Enumerable.Range(0, group.Places).Select(bar => bar == 0 ? HourlyHistogram[group.From..group.To].Sum() : 0))],
                HourlyGroups = [.. hourly.Select(group => group.Places)],
                EscrowMicros = EscrowMicros,
                Finished = Finished,
            };
        }

        /// <summary>The bars of hourly pay, put together so that none is of fewer people than may be shown.</summary>
        private IReadOnlyList<Group> HourlyBars() => HourlyPeople.Sum() < LeastPeople ? [] : Groups.OfEnough(
            HourlyHistogram.Length,
            bar => HourlyHistogram[bar] == 0,
            group => Groups.People([.. HourlyPlaces.Zip(HourlyPeople, (places, people) => new PeopleByPlaces { Places = places, People = people })], group),
            LeastPeople);
    }

    private const string SelectJobToMeasure = """
        select job_id
        from job_to_measure
        where job_id <> all(@Aside)
        limit 1
        for update skip locked
        """;

    private const string DeleteJobToMeasure = """
        delete from job_to_measure
        where job_id = @JobId
        """;

    // One statement, so one snapshot: the version is the number of ends counted. percentile_disc(0.5) is the lower median.
    private const string SelectMeasure = """
        with one as (
          select entry_number, worker_id, ended, pay_micros, top_up_micros, fee_micros, levy_micros, credited_ms, floor_micros_per_hour,
            pay_micros * 3600000 / nullif(credited_ms, 0) as hourly
          from settlement
          where job_id = @JobId and entry_number <= @UpTo),
        worker as (
          select worker_id, percentile_disc(0.5) within group (order by credited_ms) as median_ms
          from one
          where ended = 'submitted'
          group by worker_id),
        barred as (
          select worker_id, case when top_up_micros > 0 then 0 else least(11, 1 + (hourly - floor_micros_per_hour) / 1000000) end::int as bar
          from one
          where hourly is not null),
        step as (
          select bar, count(*) as assignments
          from barred
          group by bar),
        person as (
          select bit_or(1 << bar) as places
          from barred
          group by worker_id),
        place as (
          select places, count(*) as people
          from person
          group by places)
        select j.job_id, j.policy_version, j.finished_at is not null as finished,
          coalesce((select -balance_micros from account where job_id = j.job_id and kind = 'escrow'), 0) as escrow_micros,
          (select count(distinct worker_id) from one)::int as people,
          count(one.entry_number) as ended, coalesce(max(one.entry_number), 0) as last_entry,
          count(*) filter (where one.ended = 'submitted') as submitted,
          count(*) filter (where one.ended = 'returned') as returned,
          count(*) filter (where one.ended = 'expired') as expired,
          count(*) filter (where one.ended = 'broken') as broken,
          coalesce(sum(pay_micros) filter (where one.ended = 'submitted'), 0)::bigint as paid_submitted_micros,
          coalesce(sum(pay_micros) filter (where one.ended <> 'submitted'), 0)::bigint as paid_unsubmitted_micros,
          coalesce(sum(top_up_micros), 0)::bigint as top_up_micros,
          coalesce(sum(fee_micros), 0)::bigint as fee_micros,
          coalesce(sum(levy_micros), 0)::bigint as levy_micros,
          coalesce(sum(credited_ms), 0)::bigint as credited_ms,
          percentile_disc(array[0.25, 0.5, 0.75]) within group (order by credited_ms) filter (where one.ended = 'submitted') as credited_quartiles_ms,
          (select count(*) from worker)::int as workers,
          (select percentile_disc(0.5) within group (order by median_ms) from worker) as median_of_medians_ms,
          percentile_disc(array[0.25, 0.5, 0.75]) within group (order by hourly) as hourly_quartiles_micros,
          min(hourly) as hourly_lowest_micros,
          array(select coalesce(s.assignments, 0) from generate_series(0, 11) n left join step s on s.bar = n order by n) as hourly_histogram,
          array(select places from place order by places) as hourly_places,
          array(select people from place order by places) as hourly_people
        from job j
        left join one on true
        where j.job_id = @JobId
        group by j.job_id
        """;

    // Index settlement_of_job: what came after the last time.
    private const string SelectSince = """
        select j.measured_entry, j.measured_version,
          (select count(distinct worker_id) from settlement where job_id = @JobId and entry_number > j.measured_entry)::int as people
        from job j
        where j.job_id = @JobId
        """;

    private const string UpdateLookedAt = """
        update job
        set looked_at = @Ended
        where job_id = @JobId
        """;

    private const string UpdateJob = """
        update job
        set measured_version = @Version, measured_entry = @Entry
        where job_id = @JobId and measured_version < @Version
        """;
}
