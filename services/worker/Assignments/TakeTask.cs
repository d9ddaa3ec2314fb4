using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Finds a job's next task for a worker and makes the assignment, under the worker's lock. It touches no row of the job: only funded slots
/// are open. It is any of the open tasks that are near a place drawn anew for each claim: were tasks handed out in an order, the number of the one
/// that somebody gets would count the claims of all others, to the moment. Where all of those were had by this worker, a cursor per worker and job
/// walks the open tasks, first from a random place to the end, then from the front past those the worker has had, and again only when something was
/// opened since.
/// </summary>
internal sealed class TakeTask(PolicyQueries policies)
{
    private const int StepTasks = 500;

    /// <summary>Among so many open tasks on either side of a place the next one is drawn.</summary>
    private const int NearTasks = 16;

    private static readonly Counter<long> Claims = Telemetry.Meter.CreateCounter<long>("marketplace.worker.claims", description: "Tasks handed out; its rate is the claims a second.");

    /// <summary>The assignment made, or why there is none.</summary>
    internal sealed record Outcome(Guid? AssignmentId, NoTask? Refusal);

    internal async Task<Outcome> Handle(
        PersonAtWork person, Guid jobId, DateTimeOffset now, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var job = await transaction.Connection!.QuerySingleOrDefaultAsync<JobToClaim>(JobToClaimQueries.SelectJob, new { person.WorkerId, JobId = jobId }, transaction);
        return await Handle(person, job, now, transaction, cancel);
    }

    /// <summary>The same for a job that was read already, under the worker's lock; null is a job that nobody knows.</summary>
    internal async Task<Outcome> Handle(
        PersonAtWork person, JobToClaim? found, DateTimeOffset now, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        if (found is not { } job)
            return Refused(NoTask.UnknownJob);

        var policy = await policies.Find(job.PolicyVersion, cancel);
        if (policy is not null && !person.MayClaim(await policies.Find(person.PolicyInForce, cancel) ?? policy))
            return Refused(NoTask.DayIsFull);
        if (job.ClosedAt is not null)
            return Refused(NoTask.Closed);
        if (policy is null || job.Terms(policy) is not { } terms)
            return Refused(NoTask.WaitsForMoney);

        if (job.AtNumber is null)
            job = await FirstClaim(person.WorkerId, job, transaction);

        var assignment = Assignment.Claim(
            Guid.CreateVersion7(now), Guid.NewGuid(), person.WorkerId, job.JobId, terms, job.TermsVersion,
            job.MeasuredMs is { } ms ? new Duration(ms) : null, job.Submitted == 0, now);
        return await Walk(job, assignment, transaction) switch
        {
            null => Made(assignment.AssignmentId),
            { Reason: "busy" } busy => Refused(busy),
            _ => Refused(await ReadWhyNot.Handle(job, transaction)),
        };
    }

    private static Outcome Made(Guid assignmentId)
    {
        Claims.Add(1);
        return new(assignmentId, null);
    }

    private static Outcome Refused(NoTask why) => new(null, why);

    /// <summary>Puts the cursor at a random place, so that workers do not all walk over one another, and gives the worker a name for this requester.</summary>
    private static async Task<JobToClaim> FirstClaim(Guid workerId, JobToClaim job, NpgsqlTransaction transaction)
    {
        var start = Random.Shared.Next(Math.Max(1, job.Tasks));
        await transaction.Connection!.ExecuteAsync(
            InsertCursor,
            new { WorkerId = workerId, job.JobId, AtNumber = start, job.Opened, job.RequesterId, Pseudonym = Guid.NewGuid() },
            transaction);
        return job with { AtNumber = start, SeenOpened = job.Opened };
    }

    /// <summary>Null once a task is taken, else why none was. The cursor is written where it comes to stand.</summary>
    private static async Task<NoTask?> Walk(JobToClaim job, Assignment assignment, NpgsqlTransaction transaction)
    {
        var at = job.AtNumber!.Value;
        if (job.Claims >= job.Tasks || (at == int.MaxValue && job.SeenOpened == job.Opened))
            return NoTask.NothingLeft;

        if (await transaction.Connection!.QuerySingleOrDefaultAsync<int?>(TakeNear, Parameters(assignment, at, job.SubmittedNow), transaction) is not null)
            return null;
        var walked = at < int.MaxValue ? await WalkFrom(at, job, assignment, transaction) : Walked.ToTheEnd;
        return walked == Walked.ToATask ? null : await WalkAgain(job, assignment, transaction);
    }

    private static async Task<NoTask?> WalkAgain(JobToClaim job, Assignment assignment, NpgsqlTransaction transaction)
    {
        await MoveTo(0);
        switch (await WalkFrom(0, job, assignment, transaction))
        {
            case Walked.ToATask:
                return null;
            case Walked.PastOthers:
                return NoTask.Busy;
            default:
                // Nothing is here until something opens.
                await MoveTo(int.MaxValue);
                return NoTask.NothingLeft;
        }

        Task MoveTo(int number) => transaction.Connection!.ExecuteAsync(
            UpdateCursor, new { assignment.WorkerId, assignment.JobId, AtNumber = number, SeenOpened = job.Opened }, transaction);
    }

    private static async Task<Walked> WalkFrom(int at, JobToClaim job, Assignment assignment, NpgsqlTransaction transaction)
    {
        var end = Walked.ToTheEnd;
        while (true)
        {
            var step = await transaction.Connection!.QuerySingleAsync<Step>(TakeUnlessHad, Parameters(assignment, at, job.SubmittedNow), transaction);
            if (step.Number is not null)
                return Walked.ToATask;
            if (step.PassedOver)
                end = Walked.PastOthers;
            if (step.SeenTo is not { } seenTo)
                return end;
            at = seenTo;
        }
    }

    private static DynamicParameters Parameters(Assignment assignment, int at, int submittedNow)
    {
        var parameters = new DynamicParameters(assignment);
        parameters.Add("At", at);
        parameters.Add("StepTasks", StepTasks);
        parameters.Add("NearTasks", NearTasks);
        parameters.Add("Draw", Random.Shared.NextDouble());
        parameters.Add("SubmittedNow", submittedNow);
        return parameters;
    }

    /// <summary>Where a walk came: to a task, past tasks that others held at that moment, or to the end.</summary>
    private enum Walked
    {
        ToATask = 1,
        PastOthers = 2,
        ToTheEnd = 3,
    }

    private sealed record Step
    {
        public required int? Number { get; init; }
        public required int? SeenTo { get; init; }
        public required bool PassedOver { get; init; }
    }

    private const string InsertCursor = """
        insert into worker_job (worker_id, job_id, at_number, seen_opened)
        values (@WorkerId, @JobId, @AtNumber, @Opened);

        insert into pseudonym (worker_id, requester_id, pseudonym)
        values (@WorkerId, @RequesterId, @Pseudonym)
        on conflict (worker_id, requester_id) do nothing
        """;

    private const string UpdateCursor = """
        update worker_job
        set at_number = @AtNumber,
            seen_opened = @SeenOpened
        where worker_id = @WorkerId and job_id = @JobId
        """;

    // A place between the first and the last open task, by the two ends of task_open; the open tasks from there on, and where they are few those
    // before it too; one of them that this worker has not had, asked for one by one:
    // joined instead, all that the worker had of the job would be gone through. The cursor stays where it is.
    private const string TakeNear = """
        with place as materialized (
          select first.number + floor(@Draw * (last.number - first.number + 1))::int as number
          from (select number from task where job_id = @JobId and is_open order by number limit 1) first
          cross join (select number from task where job_id = @JobId and is_open order by number desc limit 1) last
        ),
        near as materialized (
          (select number
           from task
           where job_id = @JobId and is_open and number >= (select number from place)
           order by number
           limit @NearTasks)
          union all
          (select number
           from task
           where job_id = @JobId and is_open and number < (select number from place)
           order by number desc
           limit @NearTasks)
        ),
        pick as (
          select t.number
          from near n
          join task t on t.job_id = @JobId and t.number = n.number
          where t.is_open
            and (
              select true
              from assignment a
              where a.job_id = @JobId and a.number = t.number and a.worker_id = @WorkerId
              limit 1) is null
          order by random()
          limit 1
          for no key update of t skip locked
        ),
        """ + TakeAndStay + """
        select number
        from taken
        """;

    // In bounded steps, because a worker who has had most of the open tasks would walk far in one.
    private const string TakeUnlessHad = """
        with ahead as (
          select number
          from task
          where job_id = @JobId and is_open and number > @At
          order by number
          limit @StepTasks
        ),
        pick as (
          select t.number
          from task t
          where t.job_id = @JobId and t.is_open and t.number > @At and t.number <= (select max(number) from ahead)
            and not exists (select 1 from assignment a where a.job_id = @JobId and a.number = t.number and a.worker_id = @WorkerId)
          order by t.number
          limit 1
          for no key update of t skip locked
        ),
        """ + TakeAndMove + """
        select
          (select number from taken) as number,
          (select max(number) from ahead) as seen_to,
          case when exists (select 1 from taken) then false else exists (
            select 1
            from task t
            where t.job_id = @JobId and t.is_open and t.number > @At and t.number <= (select max(number) from ahead)
              and not exists (select 1 from assignment a where a.job_id = @JobId and a.number = t.number and a.worker_id = @WorkerId))
          end as passed_over
        """;

    private const string Take = """

        taken as (
          update task
          set open = task.open - 1,
              is_open = task.open > 1
          from pick
          where task.job_id = @JobId and task.number = pick.number
          returning task.number
        ),
        made as (
          insert into assignment (
            assignment_id, public_id, worker_id, job_id, number, claimed_at, lease_until, terms_version, policy_version, reward_micros,
            estimate_ms, limit_ms, reading_ms, idle_ms, earliest_submit_ms, first_of_job, last_contact_at)
          select
            @AssignmentId, @PublicId, @WorkerId, @JobId, taken.number, @ClaimedAt, @LeaseUntil, @TermsVersion, @PolicyVersion, @RewardMicros,
            @EstimateMs, @LimitMs, @ReadingMs, @IdleMs, @EarliestSubmitMs, @FirstOfJob, @LastContactAt
          from taken
        ),
        moved as (
          update worker_job
          set claims = claims + 1,
              submitted = submitted + @SubmittedNow
        """;

    private const string TakeAndStay = Take + """

          from taken
          where worker_id = @WorkerId and job_id = @JobId
        )

        """;

    private const string TakeAndMove = Take + """
        ,
              at_number = taken.number
          from taken
          where worker_id = @WorkerId and job_id = @JobId
        )

        """;
}
