namespace Marketplace.Worker.Assignments;

/// <summary>Reads a job as a claim needs it, with where the worker stands in it. Measures are those of the list, which move at the step.</summary>
internal static class JobToClaimQueries
{
    /// <summary>The job of an assignment, for its worker's next claim: <c>@AssignmentId</c>, <c>@WorkerId</c>.</summary>
    internal const string SelectJobOfAssignment = JobColumns + """

        where job.job_id = (select job_id from assignment where assignment_id = @AssignmentId and worker_id = @WorkerId)
        """;

    /// <summary>A job that is posted: <c>@JobId</c>, <c>@WorkerId</c>.</summary>
    internal const string SelectJob = JobColumns + """

        where job.job_id = @JobId and job.posted_at is not null
        """;

    private const string JobColumns = """
        select
          job.job_id, job.requester_id, job.reward_micros, job.estimate_ms, job.time_limit_ms, job.instruction_words,
          job.terms_version, job.policy_version, coalesce((s.measured ->> 'measuredMs')::bigint, case when s.job_id is null then job.measured_ms end) as measured_ms,
          job.tasks, job.announced_tasks, job.opened, job.closed_at,
          w.at_number, coalesce(w.seen_opened, 0) as seen_opened,
          coalesce(w.claims, 0) as claims, coalesce(w.submitted, 0) as submitted
        from job
        left join worker_job w on w.job_id = job.job_id and w.worker_id = @WorkerId
        left join job_shown s on s.job_id = job.job_id
        """;
}
