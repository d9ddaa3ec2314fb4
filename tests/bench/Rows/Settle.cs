using Dapper;
using Marketplace.Bench.Load;

namespace Marketplace.Bench.Rows;

/// <summary>
/// A backlog of completions that payment finds in its queue when it comes back, until the last is settled; against the settlement's own code and
/// statements in batches of 200 from one connection, with nothing else running.
/// </summary>
internal static class Settle
{
    private const int PerBatch = 200;

    internal static async Task Run(Bench bench)
    {
        var backlog = bench.Quick ? 20_000 : 100_000;
        var baseline = await bench.Market.Post(1_000, 100);
        var peak = new List<double>();
        var compared = await bench.InTurn(
            bench.Quick ? 1 : 2, // Each backlog takes a minute to make.
            () => Plain(bench, baseline, backlog / 5),
            async () =>
            {
                var sample = await Backlog(bench, backlog);
                peak.Add(bench.Machine.PeakMb("payment"));
                return sample;
            });
        bench.Report.AddRate("settle", $"{backlog:#,0} queued completions", "settled/s", "own statements, batches of 200", compared, note: $"CPU ms: {compared.Own.CpuByProcess}");
        bench.Report.Add(new Line
        {
            Row = "settle",
            Case = $"{backlog:#,0} queued completions",
            Figure = $"{compared.Own.PerSecond:#,0} settled/s",
            Goal = "≥ 3,000/s",
            Met = compared.Own.PerSecond >= 3000,
        });
        bench.Report.Add(new Line
        {
            Row = "settle",
            Case = "payment's memory meanwhile",
            Figure = $"at most {peak.Max():0} MB",
            Goal = "≤ 200 MB",
            Met = peak.Max() <= 200,
        });
    }

    private static async Task<Sample> Plain(Bench bench, Guid job, int ends)
    {
        await bench.Installation.Stop("payment");
        try
        {
            return await new SettledEnds(bench).Run([job], ends, PerBatch, workersHeard: 100);
        }
        finally
        {
            await bench.Installation.Start("payment");
        }
    }

    private static async Task<Sample> Backlog(Bench bench, int completions)
    {
        var job = await bench.Market.Post(completions / 100, 100);
        await bench.Installation.Stop("payment");
        try
        {
            await using var worker = await bench.Connect("worker");
            await worker.ExecuteAsync(Answer, new { Job = job, Tasks = completions / 100 });
            await Completions.Until(
                async () => !await worker.ExecuteScalarAsync<bool>("select exists (select from outbox)"), "the completions are in payment's queue");

            // With the workers' side at rest: what is measured is settling, not what follows it.
            await bench.Installation.Stop("worker");
        }
        finally
        {
            await bench.Installation.Start("payment");
        }

        try
        {
            await using var payment = await bench.Connect("payment");
            await Completions.Until(
                async () => await payment.ExecuteScalarAsync<long>("select ended from job where job_id = @job", new { job }) >= completions, "the backlog is settled");
            return new Sample(completions, await payment.ExecuteScalarAsync<double>(SelectSeconds, new { job }));
        }
        finally
        {
            await bench.Installation.Start("worker");
            await new Completions(bench, null!).UntilTold();
        }
    }

    // As if a hundred workers had answered every task: the rows that their submits leave, with the events for the relay to send.
    private const string Answer = """
        set session_replication_role = replica;

        create temporary table answered as
        select gen_random_uuid() as assignment_id, lpad(to_hex(x'7000'::int + w), 32, '0')::uuid as worker_id, n as number
        from generate_series(1, @Tasks) n, generate_series(1, 100) w;

        insert into worker (worker_id, window_from, created_at)
        select distinct worker_id, now() - interval '1 day', now()
        from answered
        on conflict (worker_id) do nothing;

        insert into assignment (assignment_id, worker_id, job_id, number, claimed_at, lease_until, terms_version, policy_version, reward_micros,
          estimate_ms, limit_ms, reading_ms, idle_ms, earliest_submit_ms, first_of_job, last_contact_at)
        select assignment_id, worker_id, @Job, number, now() - interval '5 s', now() + interval '10 min', 1, 2, 40000, 1000, 60000, 0, 30000, 1, false, now()
        from answered;

        insert into assignment_end (assignment_id, worker_id, job_id, "end", ended_at, active_ms, allowance_left_ms, credited_ms, allowance_used_ms,
          pay_micros, answer)
        select assignment_id, worker_id, @Job, 'submitted', now(), 3000, 300000, 3000, 0, 40000, '{"label": "neither"}'
        from answered;

        update task set open = 0, is_open = false where job_id = @Job;

        insert into outbox (event, body)
        select 'TaskCompleted', jsonb_build_object('assignmentId', assignment_id, 'jobId', @Job, 'workerId', worker_id, 'end', 'submitted', 'termsVersion', 1,
          'claimedAt', now() - interval '5 s', 'endedAt', now(), 'activeMs', 3000, 'unseenMs', 0, 'allowanceLeftMs', 300000, 'firstOfJob', false)
        from answered;

        drop table answered
        """;

    private const string SelectSeconds = """
        select extract(epoch from max(pg_xact_commit_timestamp(e.xmin)) - min(pg_xact_commit_timestamp(e.xmin)))::float8
        from entry e
        where e.job_id = @job and e.kind = 'assignment-paid'
        """;
}
