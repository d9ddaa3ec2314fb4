namespace Marketplace.Worker.Assignments;

/// <summary>What several verbs ask of the assignment table.</summary>
internal static class AssignmentQueries
{
    /// <summary>One's own assignment with its end, if it has one.</summary>
    internal const string SelectAssignment = """
        select
          a.assignment_id, a.public_id, a.worker_id, a.job_id, a.number, a.claimed_at, a.lease_until, a.terms_version, a.policy_version,
          a.reward_micros, a.estimate_ms, a.limit_ms, a.reading_ms, a.idle_ms, a.earliest_submit_ms, a.first_of_job,
          a.active_ms, a.last_contact_at, e."end", e.ended_at
        from assignment a
        left join assignment_end e on e.assignment_id = a.assignment_id
        where a.assignment_id = @AssignmentId and a.worker_id = @WorkerId
        """;
}
