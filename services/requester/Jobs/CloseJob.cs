using System.Security.Claims;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>
/// Closes a job: no more claims. What is in work still comes in and is paid; then the rest of the money returns. Closing
/// twice is closing once.
/// </summary>
internal static class CloseJob
{
    internal const string ByRequester = "requester";
    internal const string ByJobLife = "job life";

    internal static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, OutboxSignal outbox, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        if (await JobQueries.Lock(jobId, user.Id(), transaction, cancel) is not { } job)
            return JobQueries.NotThere();
        if (job.IsDraft)
            return Problems.Refuse(409, "The job is not posted yet", "Delete the draft if you do not need it.");

        await Close(jobId, ByRequester, transaction, clock.Now(), cancel);
        await transaction.CommitAsync(cancel);
        outbox.Wake();
        return TypedResults.NoContent();
    }

    /// <summary>Closes the job within the transaction, if it is not closed.</summary>
    internal static async Task Close(Guid jobId, string by, NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancel)
    {
        var closed = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            InsertClosure, new { JobId = jobId, By = by, Now = now }, transaction, cancellationToken: cancel));
        if (closed == 1)
            await Outbox.Add(new JobClosed { JobId = jobId }, transaction, cancel);
    }

    private const string InsertClosure = """
        insert into job_closure (job_id, closed_by, closed_at)
        values (@JobId, @By, @Now)
        on conflict (job_id) do nothing
        """;
}
