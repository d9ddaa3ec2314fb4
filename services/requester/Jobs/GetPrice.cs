using System.Security.Claims;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>What a draft's numbers mean, before anything is charged.</summary>
internal static class GetPrice
{
    internal static async Task<Results<Ok<FairPrice>, ProblemHttpResult>> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, Installation installation, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobQueries.Find(jobId, user.Id(), connection, cancel) is not { } job)
            return JobQueries.NotThere();
        if (await PolicyQueries.InForce(clock.Now(), connection, null, cancel) is not { } policy)
            return Problems.Refuse(503, "The pay rules are not here yet", "Try again in a minute.");

        return FairPrice.Of(job, job.Tasks, policy, installation.Currency) is { } price
            ? TypedResults.Ok(price)
            : Problems.Refuse(400, "There is no price yet", "Say what one answer pays first.", ("reward", "Say what one answer pays."));
    }
}
