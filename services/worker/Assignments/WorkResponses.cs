using Dapper;
using Marketplace.Platform;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>How a verb answers once its transaction is over.</summary>
internal delegate Task<IResult> Respond(HttpContext http);

/// <summary>
/// The three ways to answer about an assignment: JSON to programs, a fragment to the work page's script (<c>HX-Request</c>), and to a plain
/// form a redirect or a page.
/// </summary>
internal sealed class WorkResponses(WorkQueries queries, PolicyQueries policies, NpgsqlDataSource database, TimeProvider clock)
{
    private const string Fragment = "/Assignments/_Task.cshtml";
    private const string Page = "/Assignments/Work.cshtml";
    private const string Over = "/Assignments/Ended.cshtml";

    /// <summary>The assignment: at work or over.</summary>
    internal async Task<IResult> Show(HttpContext http, Guid assignmentId, Refusal? refusal = null, Submission? typed = null)
    {
        var now = clock.Now();
        if (await queries.Find(assignmentId, http.User.Id(), now, http.RequestAborted) is not var (work, person))
            return await NotFound(http);
        if (http.Request.WantsJson())
            return TypedResults.Ok(work.ToJson(now));

        var status = refusal?.Status ?? StatusCodes.Status200OK;
        if (!work.Assignment.IsOpen)
        {
            await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
            return new View<EndedPage>(Over, await EndedPageOf(work, person, refusal, connection), status);
        }

        var policy = (await policies.Find(work.Assignment.PolicyVersion, http.RequestAborted))!;
        return new View<WorkPage>(IsFragment(http) ? Fragment : Page, new()
        {
            Work = work,
            Person = person,
            Policy = policy,
            InForce = await policies.Find(person.PolicyInForce, http.RequestAborted) ?? policy,
            Now = now,
            Refusal = refusal,
            Typed = typed,
            HasInstructions = IsFragment(http) && !work.Assignment.FirstOfJob && http.Request.Headers.ContainsKey("X-Has-Instructions"),
        }, status);
    }

    internal async Task<IResult> Claimed(HttpContext http, Guid assignmentId, int status)
    {
        var address = $"/assignments/{assignmentId}";
        if (!http.Request.WantsJson())
            return new See(address);

        var (work, _) = (await queries.Find(assignmentId, http.User.Id(), clock.Now(), http.RequestAborted))!.Value;
        return status == StatusCodes.Status201Created
            ? TypedResults.Created(address, work.ToJson(null))
            : TypedResults.Ok(work.ToJson(clock.Now()));
    }

    internal static Task<IResult> NothingToClaim(NoTask why)
    {
        var problem = Problems.Describe(why.Status, why.Title, why.Detail);
        problem.Extensions["reason"] = why.Reason;
        return Task.FromResult<IResult>(TypedResults.Problem(problem));
    }

    internal async Task<IResult> Submitted(HttpContext http, Submitted submitted)
    {
        if (http.Request.WantsJson())
        {
            var next = submitted.Next is { } id ? (await queries.Find(id, http.User.Id(), clock.Now(), http.RequestAborted))?.Work : null;
            return TypedResults.Ok(new SubmittedJson(
                submitted.AssignmentId, submitted.JobId, "submitted", submitted.CreditedMs, submitted.PayMicros, submitted.AllowanceLeftMs,
                next?.ToJson(null),
                submitted.Refusal is { } why ? new(why.Reason, why.Title, why.Detail) : null));
        }

        if (submitted.Next is { } following)
            return IsFragment(http) ? await Show(http, following) : new See($"/assignments/{following}");
        return Go(http, submitted.Refusal == NoTask.Stopped ? "/" : $"/assignments/{submitted.AssignmentId}");
    }

    internal async Task<IResult> Ended(HttpContext http, Assignment assignment)
    {
        if (!http.Request.WantsJson())
            return Go(http, $"/assignments/{assignment.AssignmentId}");

        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        return TypedResults.Ok(await connection.QuerySingleAsync<EndedJson>(SelectEnd, new { assignment.AssignmentId }));
    }

    /// <summary>Nothing was changed, and why; on a page beside what was typed.</summary>
    internal async Task<IResult> Refuse(HttpContext http, Assignment assignment, Refusal refusal, Submission? typed)
    {
        if (!http.Request.WantsJson())
            return await Show(http, assignment.AssignmentId, refusal, typed);

        return refusal.Field.Length == 0
            ? Problems.Refuse(refusal.Status, refusal.Title, refusal.Detail)
            : Problems.Refuse(refusal.Status, refusal.Title, refusal.Detail, (refusal.Field, refusal.Detail));
    }

    /// <summary>Unknown, or somebody else's: the same answer.</summary>
    internal static Task<IResult> NotFound(HttpContext http) => Task.FromResult<IResult>(
        Problems.Refuse(404, "There is no such assignment", "The address may be mistyped, or it is somebody else's. Nothing was changed."));

    private static async Task<EndedPage> EndedPageOf(Work work, PersonAtWork person, Refusal? refusal, NpgsqlConnection connection)
    {
        var parameters = new { work.Assignment.AssignmentId };
        return new()
        {
            Work = work,
            End = await connection.QuerySingleAsync<EndedJson>(SelectEnd, parameters),
            Nothing = await connection.ExecuteScalarAsync<string?>(SelectRefusal, parameters) is { } reason ? NoTask.Of(reason) : null,
            Open = person.AssignmentId,
            Refusal = refusal,
        };
    }

    private static bool IsFragment(HttpContext http) => http.Request.Headers.ContainsKey("HX-Request");

    /// <summary>The browser goes to another page: as a redirect, or as htmx is told to.</summary>
    private static IResult Go(HttpContext http, string address)
    {
        if (!IsFragment(http))
            return new See(address);

        http.Response.Headers["HX-Redirect"] = address;
        return TypedResults.NoContent();
    }

    private const string SelectEnd = """
        select assignment_id, job_id, "end", ended_at, active_ms, credited_ms, allowance_used_ms, pay_micros
        from assignment_end
        where assignment_id = @AssignmentId
        """;

    private const string SelectRefusal = """
        select next_refusal
        from assignment_end
        where assignment_id = @AssignmentId
        """;
}
