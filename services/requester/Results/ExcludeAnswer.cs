using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>Leaves an answer out of results, or puts it back. Free, as often as wanted, and without effect on anybody's pay.</summary>
internal static class ExcludeAnswer
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid jobId, Guid answerId, ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await IsOwn(jobId, answerId, user.Id(), steps, connection, cancel))
            return NotThere();

        await connection.ExecuteAsync(new CommandDefinition(
            InsertExclusion, new { JobId = jobId, AnswerId = answerId, Requester = user.Id(), Now = clock.Now() }, cancellationToken: cancel));
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> Undo(
        Guid jobId, Guid answerId, ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await IsOwn(jobId, answerId, user.Id(), steps, connection, cancel))
            return NotThere();

        await connection.ExecuteAsync(new CommandDefinition(DeleteExclusion, new { AnswerId = answerId }, cancellationToken: cancel));
        return TypedResults.NoContent();
    }

    /// <summary>Whether the requester has the answer and can see it; one that is held back is not there yet.</summary>
    private static async Task<bool> IsOwn(
        Guid jobId, Guid answerId, Guid requester, PublicationSteps steps, NpgsqlConnection connection, CancellationToken cancel)
    {
        var parameters = new { JobId = jobId, AnswerId = answerId, Requester = requester, Step = await steps.Last(connection, cancel) };
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(SelectOwn, parameters, cancellationToken: cancel));
    }

    private static ProblemHttpResult NotThere() =>
        Problems.Refuse(404, "No such answer", "You have no answer with this id in this job.");

    // Walks the primary key: assignment_id holds the public id as soon as there is one, and without it there is no name to find the answer by.
    private const string SelectOwn = """
        select exists (
          select
          from answer a
          join job j using (job_id)
          where a.assignment_id = @AnswerId and a.answer_id is not null and a.job_id = @JobId and j.requester_id = @Requester
            and (a.shown_at_step <= @Step or exists (select from job_measurement m where m.job_id = a.job_id and m.finished)))
        """;

    private const string InsertExclusion = """
        insert into answer_exclusion (assignment_id, job_id, excluded_by, excluded_at)
        values (@AnswerId, @JobId, @Requester, @Now)
        on conflict (assignment_id) do nothing
        """;

    private const string DeleteExclusion = """
        delete from answer_exclusion
        where assignment_id = @AnswerId
        """;
}
