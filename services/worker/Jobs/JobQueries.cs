using Dapper;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>What several verbs ask of the job table.</summary>
internal static class JobQueries
{
    /// <summary>
    /// Locks the job's row, made now if no event has named the job yet. Whoever opens, reopens or closes slots holds this lock first;
    /// a claim never does.
    /// </summary>
    internal static Task LockOrInsert(Guid jobId, NpgsqlTransaction transaction) =>
        transaction.Connection!.ExecuteAsync(LockJob, new { JobId = jobId }, transaction);

    private const string LockJob = """
        insert into job (job_id)
        values (@JobId)
        on conflict (job_id) do nothing;

        select job_id
        from job
        where job_id = @JobId
        for no key update
        """;
}
