using Dapper;
using Marketplace.PayRule;
using Marketplace.Ui;
using Marketplace.Worker.Assignments;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>A payout with its last state.</summary>
internal sealed record PayoutShown
{
    public required Guid PayoutId { get; init; }
    public required string Rail { get; init; }
    public required long AmountMicros { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>What the pages ask of a worker's ends, balance and payouts. Days are those of the installation's time zone.</summary>
internal sealed class EarningsQueries(PolicyQueries policies, Installation installation)
{
    internal DateOnly DayOf(DateTimeOffset at) => TimeText.DayOf(at, installation.TimeZone);

    internal async Task<DaySum> SumOf(Guid workerId, DateOnly day, NpgsqlConnection connection) => (await SumsOf(workerId, [day], connection))[0];

    /// <summary>One sum for each day, in the order given; of a day without work all is 0.</summary>
    internal async Task<IReadOnlyList<DaySum>> SumsOf(Guid workerId, IReadOnlyList<DateOnly> days, NpgsqlConnection connection)
    {
        var rows = await connection.QueryAsync<SumRow>(
            SelectSums, new { WorkerId = workerId, Froms = days.Select(Start).ToArray(), Tos = days.Select(d => Start(d.AddDays(1))).ToArray() });
        return [.. rows.Select(r => new DaySum
        {
            Day = days[(int)r.Position - 1],
            Assignments = r.Assignments,
            RewardMicros = r.RewardMicros,
            TopUpMicros = r.PayMicros - r.RewardMicros,
            PayMicros = r.PayMicros,
            CreditedMs = r.CreditedMs,
        })];
    }

    internal async Task<Payslip> PayslipOf(Guid workerId, DateOnly day, NpgsqlConnection connection, CancellationToken cancel)
    {
        var ended = await connection.QueryAsync<EndedAssignment>(
            SelectEnded, new { WorkerId = workerId, From = Start(day), To = Start(day.AddDays(1)) });
        var lines = new List<PayslipLine>();
        foreach (var assignment in ended)
            lines.Add(PayslipLine.Of(assignment, (await policies.Find(assignment.PolicyVersion, cancel))!));
        return new(day, lines);
    }

    /// <summary>One line, with its day's policy; null where there is none of this worker.</summary>
    internal async Task<PayslipLine?> LineOf(Guid workerId, Guid assignmentId, NpgsqlConnection connection, CancellationToken cancel)
    {
        var ended = await connection.QuerySingleOrDefaultAsync<EndedAssignment>(
            new CommandDefinition(SelectEndedOne, new { WorkerId = workerId, AssignmentId = assignmentId }, cancellationToken: cancel));
        return ended is null ? null : PayslipLine.Of(ended, (await policies.Find(ended.PolicyVersion, cancel))!);
    }

    internal async Task<AllowanceNow> AllowanceAt(Guid workerId, DateTimeOffset now, NpgsqlConnection connection, CancellationToken cancel)
    {
        var person = await PersonQueries.Look(workerId, now, connection);
        var policy = await policies.InForce(cancel);
        var (submitted, used) = (person?.WindowSubmittedMs ?? 0, person?.WindowAllowanceUsedMs ?? 0);
        return new()
        {
            CreditedMs = person?.WindowCreditedMs ?? 0,
            SubmittedMs = submitted,
            WholeMs = policy is null ? 0 : Allowance.Left(policy, new(submitted), new(0)).Ms,
            UsedMs = used,
            LeftMs = policy is null ? 0 : Allowance.Left(policy, new(submitted), new(used)).Ms,
        };
    }

    internal static Task<IEnumerable<AllowanceUse>> UsesSince(Guid workerId, DateTimeOffset after, NpgsqlConnection connection) =>
        connection.QueryAsync<AllowanceUse>(SelectUses, new { WorkerId = workerId, After = after });

    internal static Task<long> BalanceOf(Guid workerId, NpgsqlConnection connection) =>
        connection.ExecuteScalarAsync<long>(SelectBalance, new { WorkerId = workerId });

    internal static Task<IEnumerable<PayoutShown>> PayoutsOf(Guid workerId, NpgsqlConnection connection) =>
        connection.QueryAsync<PayoutShown>(SelectPayouts, new { WorkerId = workerId });

    private DateTimeOffset Start(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, installation.TimeZone.GetUtcOffset(midnight)).ToUniversalTime();
    }

    private sealed record SumRow
    {
        public required long Position { get; init; }
        public required int Assignments { get; init; }
        public required long RewardMicros { get; init; }
        public required long PayMicros { get; init; }
        public required long CreditedMs { get; init; }
    }

    // Walks assignment_end_by_worker, day by day. Joined to the days instead, all that a person ever did would be gone through.
    private const string SelectSums = """
        select day.position, sums.assignments, sums.reward_micros, sums.pay_micros, sums.credited_ms
        from unnest(@Froms, @Tos) with ordinality as day (from_at, to_at, position)
        cross join lateral (
          select
            count(*)::int as assignments,
            coalesce(sum(coalesce(e.settled_reward_micros, case e."end" when 'submitted' then a.reward_micros else 0 end)), 0)::bigint as reward_micros,
            coalesce(sum(coalesce(e.settled_pay_micros, e.pay_micros)), 0)::bigint as pay_micros,
            coalesce(sum(coalesce(e.settled_credited_ms, e.credited_ms)), 0)::bigint as credited_ms
          from assignment_end e
          join assignment a on a.assignment_id = e.assignment_id
          where e.worker_id = @WorkerId and e.ended_at >= day.from_at and e.ended_at < day.to_at
        ) sums
        order by day.position
        """;

    private const string SelectEnded = """
        select
          a.assignment_id, a.job_id, job.title, e."end", a.claimed_at, e.ended_at, a.policy_version, a.reward_micros, a.estimate_ms,
          a.limit_ms, a.reading_ms, a.idle_ms, a.first_of_job, e.active_ms, e.asked_ms, e.unseen_ms, e.allowance_left_ms,
          e.entry_number is not null as is_settled, e.entry_key,
          e.settled_reward_micros, e.settled_top_up_micros, e.settled_pay_micros, e.settled_credited_ms, e.salt
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        join job on job.job_id = a.job_id
        where e.worker_id = @WorkerId and e.ended_at >= @From and e.ended_at < @To
        order by e.ended_at desc, a.assignment_id desc
        """;

    private const string SelectEndedOne = """
        select
          a.assignment_id, a.job_id, job.title, e."end", a.claimed_at, e.ended_at, a.policy_version, a.reward_micros, a.estimate_ms,
          a.limit_ms, a.reading_ms, a.idle_ms, a.first_of_job, e.active_ms, e.asked_ms, e.unseen_ms, e.allowance_left_ms,
          e.entry_number is not null as is_settled, e.entry_key,
          e.settled_reward_micros, e.settled_top_up_micros, e.settled_pay_micros, e.settled_credited_ms, e.salt
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        join job on job.job_id = a.job_id
        where e.assignment_id = @AssignmentId and e.worker_id = @WorkerId
        """;

    private const string SelectUses = """
        select ended_at, "end", allowance_used_ms as used_ms
        from assignment_end
        where worker_id = @WorkerId and ended_at > @After and allowance_used_ms > 0
        order by ended_at desc
        """;

    private const string SelectBalance = """
        select balance_micros
        from balance
        where worker_id = @WorkerId
        """;

    private const string SelectPayouts = """
        select payout_id, rail, amount_micros, state, changed_at
        from payout
        where worker_id = @WorkerId
        order by changed_at desc
        limit 10
        """;
}
