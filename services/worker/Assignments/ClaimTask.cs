using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Claims the next task of a job. A person has one open assignment over all jobs: claiming again gives that one, so a repeat is safe and two
/// tabs or devices feed one clock.
/// </summary>
internal sealed class ClaimTask(NpgsqlDataSource database, TakeTask take, WorkResponses responses, TimeProvider clock)
{
    internal async Task<IResult> Handle(Guid jobId, HttpContext http)
    {
        var respond = await Decide(jobId, http.User.Id(), clock.Now(), http.RequestAborted);
        return await respond(http);
    }

    private async Task<Respond> Decide(Guid jobId, Guid workerId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var person = await PersonQueries.Lock(workerId, now, transaction);
        if (person.AssignmentId is { } open)
            return http => responses.Claimed(http, open, StatusCodes.Status200OK);

        var taken = await take.Handle(person, jobId, now, transaction, cancel);
        if (taken.AssignmentId is { } made)
            await PersonQueries.Save(person.NewSession() with { AssignmentId = made }, transaction);
        await transaction.CommitAsync(cancel);

        return taken.AssignmentId is { } assignmentId
            ? http => responses.Claimed(http, assignmentId, StatusCodes.Status201Created)
            : _ => WorkResponses.NothingToClaim(taken.Refusal!);
    }
}
