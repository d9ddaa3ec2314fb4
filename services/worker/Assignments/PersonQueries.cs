using Dapper;
using Marketplace.PayRule;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>The worker's row, which every claim and every end locks first.</summary>
internal static class PersonQueries
{
    /// <summary>Locks the row, made now at a person's first act, with its sums brought up to this moment.</summary>
    internal static async Task<PersonAtWork> Lock(Guid workerId, DateTimeOffset now, NpgsqlTransaction transaction)
    {
        var parameters = new { WorkerId = workerId, Now = now, Before = Allowance.CountsAfter(now) };
        if (await transaction.Connection!.QuerySingleOrDefaultAsync<PersonAtWork>(SelectWorker, parameters, transaction) is { } person)
            return person;

        await transaction.Connection!.ExecuteAsync(InsertWorker, parameters, transaction);
        return await transaction.Connection!.QuerySingleAsync<PersonAtWork>(SelectWorker, parameters, transaction);
    }

    /// <summary>The row as it is at this moment, for showing; null before a person's first act.</summary>
    internal static Task<PersonAtWork?> Look(Guid workerId, DateTimeOffset now, NpgsqlConnection connection) =>
        connection.QuerySingleOrDefaultAsync<PersonAtWork>(
            SelectUnlocked, new { WorkerId = workerId, Now = now, Before = Allowance.CountsAfter(now) });

    /// <summary>Writes the row back.</summary>
    internal static Task Save(PersonAtWork person, NpgsqlTransaction transaction) =>
        transaction.Connection!.ExecuteAsync(UpdateWorker, person, transaction);

    /// <summary>Locks and reads the row, for who reads more in the same round trip: <c>@WorkerId</c>, <c>@Now</c>, <c>@Before</c>.</summary>
    internal const string SelectWorker = Me + " for no key update" + Sums;

    /// <summary>The same without the lock.</summary>
    internal const string SelectUnlocked = Me + Sums;

    private const string Me = """
        with me as (
          select
            worker_id, assignment_id, window_from, window_credited_ms, window_submitted_ms, window_allowance_used_ms,
            session_tasks, session_pay_micros, session_credited_ms
          from worker
          where worker_id = @WorkerId
        """;

    // Ends that have left the 24 hours since the last look are found by assignment_end_by_worker, and are few.
    private const string Sums = """

        )
        select
          me.worker_id,
          me.assignment_id,
          greatest(me.window_from, @Before) as window_from,
          me.window_credited_ms - gone.credited as window_credited_ms,
          me.window_submitted_ms - gone.submitted as window_submitted_ms,
          me.window_allowance_used_ms - gone.used as window_allowance_used_ms,
          me.session_tasks,
          me.session_pay_micros,
          me.session_credited_ms,
          (
            select version
            from pay_policy
            order by in_force_from <= @Now desc, case when in_force_from <= @Now then version else -version end desc
            limit 1) as policy_in_force
        from me
        cross join lateral (
          select
            coalesce(sum(e.credited_ms), 0)::bigint as credited,
            coalesce(sum(e.credited_ms) filter (where e."end" = 'submitted'), 0)::bigint as submitted,
            coalesce(sum(e.allowance_used_ms), 0)::bigint as used
          from assignment_end e
          where e.worker_id = me.worker_id and e.ended_at > me.window_from and e.ended_at <= @Before
        ) gone
        """;

    private const string InsertWorker = """
        insert into worker (worker_id, window_from, created_at)
        values (@WorkerId, @Before, @Now)
        on conflict (worker_id) do nothing
        """;

    /// <summary>Writes the row back, for who writes more in the same round trip: the row's own fields.</summary>
    internal const string UpdateWorker = """
        update worker
        set assignment_id = @AssignmentId,
            window_from = @WindowFrom,
            window_credited_ms = @WindowCreditedMs,
            window_submitted_ms = @WindowSubmittedMs,
            window_allowance_used_ms = @WindowAllowanceUsedMs,
            session_tasks = @SessionTasks,
            session_pay_micros = @SessionPayMicros,
            session_credited_ms = @SessionCreditedMs
        where worker_id = @WorkerId
        """;
}
