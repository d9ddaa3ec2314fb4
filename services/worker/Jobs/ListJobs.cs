using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Worker.Assignments;
using Marketplace.Worker.Earnings;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>The first page: to a worker the jobs that can be claimed, with what they pay an hour; to a visitor the promise in numbers.</summary>
internal sealed class ListJobs(NpgsqlDataSource database, PolicyQueries policies, EarningsQueries earnings, PublicationSteps steps, TimeProvider clock)
{
    internal sealed record JobJson(
        Guid JobId, string Title, string Question, string RequesterName, DateTimeOffset PostedAt, long RewardMicros, long EstimateMs, long LimitMs,
        long ReadingMs, int Left, bool Waits, long? HourlyMedianMicros, long[] HourlyQuartilesMicros, long[] CreditedQuartilesMs);

    internal sealed record Response(IReadOnlyList<JobJson> Jobs, Guid? OpenAssignmentId, DaySum Today, AllowanceNow Allowance, DateTimeOffset? NextCountAt);

    internal async Task<IResult> Handle(HttpContext http, string? sort)
    {
        var cancel = http.RequestAborted;
        if (http.User.Identity is not { IsAuthenticated: true } || !http.User.IsFrom(SignIn.Worker))
        {
            return http.Request.WantsJson()
                ? Problems.Refuse(401, "Sign in first", "The list of jobs is for whoever is signed in: POST /sign-in, then send the token as Authorization: Bearer.")
                : new View<VisitorPage>("/Jobs/Visitor.cshtml", new(await policies.InForce(cancel)), StatusCodes.Status200OK);
        }

        var page = await Read(http.User.Id(), Enum.TryParse<JobOrder>(sort, ignoreCase: true, out var order) ? order : JobOrder.Pay, cancel);
        return http.Request.WantsJson()
            ? TypedResults.Ok(new Response([.. page.Jobs.Select(ToJson)], page.Open?.AssignmentId, page.Today, page.Allowance, page.NextCountAt))
            : new View<HomePage>("/Jobs/Home.cshtml", page, StatusCodes.Status200OK);
    }

    private async Task<HomePage> Read(Guid workerId, JobOrder order, CancellationToken cancel)
    {
        var now = clock.Now();
        await using var connection = await database.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<Row>(
            steps.IsAtOnce ? SelectLive : SelectShown, new { WorkerId = workerId, Most = OfferedJob.MostCounted, OfferedJob.MostKept });
        var jobs = new List<OfferedJob>();
        foreach (var row in rows)
        {
            if (await Offer(row, cancel) is { } job)
                jobs.Add(job);
        }

        return new()
        {
            Jobs = OfferedJob.Sorted(jobs, order),
            Order = order,
            NextCountAt = steps.NextAt,
            Open = await connection.QuerySingleOrDefaultAsync<OpenTask>(SelectOpen, new { WorkerId = workerId }),
            Today = await earnings.SumOf(workerId, earnings.DayOf(now), connection),
            Allowance = await earnings.AllowanceAt(workerId, now, connection, cancel),
            Policy = await policies.InForce(cancel),
        };
    }

    private async Task<OfferedJob?> Offer(Row row, CancellationToken cancel)
    {
        var policy = await policies.Find(row.PolicyVersion, cancel);
        if (policy is null || row.Terms.Terms(policy) is not { } terms)
            return null;

        var measured = row.Measured is null ? null : JsonSerializer.Deserialize<JobMeasured>(row.Measured, WireJson.Options);
        var template = JsonSerializer.Deserialize<JobTemplate>(row.Template, WireJson.Options)!;
        return new()
        {
            JobId = row.JobId,
            Title = row.Title,
            Question = template.Question,
            RequesterName = row.RequesterName,
            PostedAt = row.PostedAt,
            Terms = terms,
            Measured = measured is { MoneyOnly: false } ? measured : null,
            Left = row.Left,
            Waits = row.Waits,
            First = row.Submitted == 0,
        };
    }

    private static JobJson ToJson(OfferedJob job) => new(
        job.JobId, job.Title, job.Question, job.RequesterName, job.PostedAt, job.Terms.Reward.Micros, job.Terms.Estimate.Ms, job.Terms.Limit.Ms,
        job.First ? job.Terms.Reading.Ms : 0, job.Left, job.Waits, job.HourlyQuartiles?[1], job.HourlyQuartiles ?? [], job.CreditedQuartiles ?? []);

    private sealed record Row
    {
        public required Guid JobId { get; init; }
        public required string Title { get; init; }
        public required string RequesterName { get; init; }
        public required string Template { get; init; }
        public required DateTimeOffset PostedAt { get; init; }
        public required long RewardMicros { get; init; }
        public required long? EstimateMs { get; init; }
        public required long? TimeLimitMs { get; init; }
        public required int InstructionWords { get; init; }
        public required int PolicyVersion { get; init; }
        public required string? Measured { get; init; }
        public required int Submitted { get; init; }
        public required int Left { get; init; }
        public required bool Waits { get; init; }

        internal PostedTerms Terms => new(RewardMicros, EstimateMs, TimeLimitMs, InstructionWords);
    }

    // Jobs come from job_offered, newest first; what is left walks task_open, to a thousand. Who never worked on the job has had none of it, who has
    // is asked for task by task, by the unique key of assignment: joined instead, the whole job's assignments would be gone through. The limits keep it
    // so. A job waits when answers are wanted that no money is set aside for yet.
    private const string SelectLive = """
        select
          job.job_id, job.title, job.requester_name, job.template::text as template, job.posted_at, job.reward_micros, job.estimate_ms,
          job.time_limit_ms, job.instruction_words, job.policy_version, job.measured::text as measured,
          coalesce(w.submitted, 0) as submitted,
          open.tasks as left,
          open.tasks = 0 as waits
        from job
        left join worker_job w on w.job_id = job.job_id and w.worker_id = @WorkerId
        cross join lateral (
          select count(*)::int as tasks
          from (
            select 1
            from task t
            where t.job_id = job.job_id and t.is_open
              and (w.job_id is null or (
                select true
                from assignment a
                where a.job_id = t.job_id and a.number = t.number and a.worker_id = @WorkerId
                limit 1) is null)
            limit @Most) counted
        ) open
        where job.posted_at is not null and job.closed_at is null and job.policy_version is not null
          and (open.tasks > 0 or (
            select true
            from task t
            where t.job_id = job.job_id and t.unopened > 0
              and (w.job_id is null or (
                select true
                from assignment a
                where a.job_id = t.job_id and a.number = t.number and a.worker_id = @WorkerId
                limit 1) is null)
            limit 1))
        order by job.posted_at desc
        limit 200
        """;

    // The same as of the last step (ShowJobs), less what the worker has had since: the list moves with one's own claims and with nobody else's. Of a
    // job with more open tasks than are kept there is one at least, unless the worker had all tasks of it.
    private const string SelectShown = """
        select
          job.job_id, job.title, job.requester_name, job.template::text as template, job.posted_at, job.reward_micros, job.estimate_ms,
          job.time_limit_ms, job.instruction_words, job.policy_version, shown.measured::text as measured,
          coalesce(w.submitted, 0) as submitted,
          open.tasks as left,
          open.tasks = 0 as waits
        from job
        join job_shown shown on shown.job_id = job.job_id
        left join worker_job w on w.job_id = job.job_id and w.worker_id = @WorkerId
        cross join lateral (
          select least(@Most, case
            when w.job_id is null then cardinality(shown.numbers)
            else least(job.tasks - w.claims, greatest(
              case when cardinality(shown.numbers) >= @MostKept then 1 else 0 end, (
              select count(*)::int
              from unnest(shown.numbers) as t (number)
              where (
                select true
                from assignment a
                where a.job_id = job.job_id and a.number = t.number and a.worker_id = @WorkerId
                limit 1) is null)))
          end) as tasks
          offset 0
        ) open
        where job.posted_at is not null and job.closed_at is null and job.policy_version is not null
          and (open.tasks > 0 or (shown.waits and job.tasks > coalesce(w.claims, 0)))
        order by job.posted_at desc
        limit 200
        """;

    private const string SelectOpen = """
        select a.assignment_id, job.title, a.lease_until
        from worker
        join assignment a on a.assignment_id = worker.assignment_id
        join job on job.job_id = a.job_id
        where worker.worker_id = @WorkerId
        """;
}
