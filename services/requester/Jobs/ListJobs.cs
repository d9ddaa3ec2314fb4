using System.Security.Claims;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>A requester's jobs, newest first, drafts among them.</summary>
internal static class ListJobs
{
    internal const int Most = 200;

    internal static async Task<IReadOnlyList<JobView>> Handle(
        ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await JobViewQueries.All(user.Id(), Most, steps, connection, cancel);
    }
}
