using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Reads a requester's job. Another's job, and one that never was, are the same: not there.</summary>
internal static class JobQueries
{
    /// <summary>What is answered for an id that is unknown or another's.</summary>
    internal static ProblemHttpResult NotThere() =>
        Problems.Refuse(404, "No such job", "You have no job with this id.");

    internal static Task<Job?> Find(Guid jobId, Guid requester, NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleOrDefaultAsync<Job>(new CommandDefinition(
            SelectJob, new { JobId = jobId, Requester = requester }, cancellationToken: cancel));

    /// <summary>The job with its row locked to the transaction's end.</summary>
    internal static Task<Job?> Lock(Guid jobId, Guid requester, NpgsqlTransaction transaction, CancellationToken cancel) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Job>(new CommandDefinition(
            SelectJob + "\nfor update", new { JobId = jobId, Requester = requester }, transaction, cancellationToken: cancel));

    private const string SelectJob = """
        select job_id, requester_id, requester_name, title, instructions, kind, question, labels, text_column, image_column,
               reward_micros, estimate_ms, time_limit_ms, wanted, budget_micros, posted_budget_micros, leave_out, tasks,
               created_at, posted_at
        from job
        where job_id = @JobId and requester_id = @Requester
        """;
}
