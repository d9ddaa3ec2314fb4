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
        Guid jobId, Guid assignmentId, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await IsOwn(jobId, assignmentId, user.Id(), connection, cancel))
            return NotThere();

        await connection.ExecuteAsync(new CommandDefinition(
            InsertExclusion, new { JobId = jobId, AssignmentId = assignmentId, Requester = user.Id(), Now = clock.Now() }, cancellationToken: cancel));
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> Undo(
        Guid jobId, Guid assignmentId, ClaimsPrincipal user, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (!await IsOwn(jobId, assignmentId, user.Id(), connection, cancel))
            return NotThere();

        await connection.ExecuteAsync(new CommandDefinition(DeleteExclusion, new { AssignmentId = assignmentId }, cancellationToken: cancel));
        return TypedResults.NoContent();
    }

    private static Task<bool> IsOwn(Guid jobId, Guid assignmentId, Guid requester, NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            SelectOwn, new { JobId = jobId, AssignmentId = assignmentId, Requester = requester }, cancellationToken: cancel));

    private static ProblemHttpResult NotThere() =>
        Problems.Refuse(404, "No such answer", "You have no answer with this id in this job.");

    private const string SelectOwn = """
        select exists (
          select
          from answer a
          join job j using (job_id)
          where a.assignment_id = @AssignmentId and a.job_id = @JobId and j.requester_id = @Requester)
        """;

    private const string InsertExclusion = """
        insert into answer_exclusion (assignment_id, job_id, excluded_by, excluded_at)
        values (@AssignmentId, @JobId, @Requester, @Now)
        on conflict (assignment_id) do nothing
        """;

    private const string DeleteExclusion = """
        delete from answer_exclusion
        where assignment_id = @AssignmentId
        """;
}
