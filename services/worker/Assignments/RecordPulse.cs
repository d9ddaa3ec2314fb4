using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// A pulse: the page saw its worker type, scroll or come back. When it happened is for the server to say; the gap before it counts as work, up
/// to the idle limit.
/// </summary>
internal sealed class RecordPulse(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The clock as the server sees it, for the page to follow.</summary>
    internal sealed record Response(long ActiveMs, long WallMs);

    internal async Task<IResult> Handle(Guid assignmentId, HttpContext http)
    {
        var now = clock.Now();
        Response? seen;
        Assignment? assignment;
        await using (var connection = await database.OpenConnectionAsync(http.RequestAborted))
        {
            var parameters = new { AssignmentId = assignmentId, WorkerId = http.User.Id(), Now = now };
            seen = await connection.QuerySingleOrDefaultAsync<Response>(UpdateAssignment, parameters);
            assignment = seen is null ? await connection.QuerySingleOrDefaultAsync<Assignment>(AssignmentQueries.SelectAssignment, parameters) : null;
        }

        return seen is not null ? TypedResults.Ok(seen)
            : assignment is null ? await WorkResponses.NotFound(http)
            : assignment.IsOpen ? TypedResults.Ok(new Response(assignment.ActiveMs, assignment.WallAt(now).Ms))
            : Problems.Refuse(409, "This task is over", $"It was {assignment.End}; its clock stands.");
    }

    // A pulse that is not later than the last contact (a replay, a second tab) changes nothing.
    private const string UpdateAssignment = """
        update assignment a
        set active_ms = a.active_ms + least((extract(epoch from @Now - a.last_contact_at) * 1000)::bigint, a.idle_ms),
            last_contact_at = @Now
        where a.assignment_id = @AssignmentId
          and a.worker_id = @WorkerId
          and a.last_contact_at < @Now
          and not exists (select 1 from assignment_end e where e.assignment_id = a.assignment_id)
        returning
          a.active_ms,
          (extract(epoch from @Now - a.claimed_at) * 1000)::bigint as wall_ms
        """;
}
