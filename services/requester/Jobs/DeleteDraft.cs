using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Throws a draft away, with its tasks. A posted job stays: close it.</summary>
internal static class DeleteDraft
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var deleted = await connection.ExecuteAsync(new CommandDefinition(
            DeleteJob, new { JobId = jobId, Requester = user.Id() }, commandTimeout: 300, cancellationToken: cancel));
        if (deleted == 1)
            return TypedResults.NoContent();

        return await JobQueries.Find(jobId, user.Id(), connection, cancel) is null
            ? JobQueries.NotThere()
            : Problems.Refuse(409, "The job is posted", "It cannot be thrown away. Close it.");
    }

    private const string DeleteJob = """
        delete from job
        where job_id = @JobId and requester_id = @Requester and posted_at is null
        """;
}
