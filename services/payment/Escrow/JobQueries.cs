using Dapper;
using Npgsql;

namespace Marketplace.Payment.Escrow;

/// <summary>Jobs as rows.</summary>
internal static class JobQueries
{
    /// <summary>Locks the jobs that are known, in the order of their ids; others are not in the result.</summary>
    internal static async Task<Dictionary<Guid, Job>> Lock(NpgsqlTransaction transaction, IEnumerable<Guid> jobs)
    {
        var rows = await transaction.Connection!.QueryAsync<Job>(LockJobs, new { Jobs = jobs.Distinct().ToArray() }, transaction);
        return rows.ToDictionary(j => j.JobId);
    }

    /// <summary>Which of the jobs are posted, without a lock: whoever holds the ledger may not wait for a job.</summary>
    internal const string SelectPosted = """
        select job_id
        from job
        where job_id = any(@Jobs) and posted_at is not null
        """;

    internal const string LockJobs = """
        select job_id, requester_id, posted_at, terms_version, reward_micros, estimate_ms, limit_ms, reading_ms, policy_version,
          worst_micros, refused_why, budget_total_micros, budget_booked_micros, ended, funded, claims, finished_at, measured_version, looked_at
        from job
        where job_id = any(@Jobs)
        order by job_id
        for update
        """;
}
