using System.Security.Claims;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>One job, with all that its requester may know of it now.</summary>
internal static class GetJob
{
    internal static async Task<Results<Ok<JobView>, ProblemHttpResult>> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await JobViewQueries.Find(jobId, user.Id(), steps, connection, cancel) is { } job ? TypedResults.Ok(job) : JobQueries.NotThere();
    }
}
