using Dapper;
using Marketplace.Platform;
using Marketplace.Worker.Assignments;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>The proof of one line of a payslip: to look at, to verify in place, to take along.</summary>
internal sealed class ShowProof(NpgsqlDataSource database)
{
    internal async Task<IResult> Handle(HttpContext http, Guid assignmentId)
    {
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var proof = await connection.QuerySingleOrDefaultAsync<Proof>(new CommandDefinition(
            SelectProof, new { WorkerId = http.User.Id(), AssignmentId = assignmentId }, cancellationToken: http.RequestAborted));
        return proof is null
            ? Problems.Refuse(404, "There is no proof here", "A task that you ended has one about a second after its end.")
            : http.Request.WantsJson()
                ? TypedResults.Ok(proof)
                : new View<Proof>("/Earnings/Proof.cshtml", proof, StatusCodes.Status200OK);
    }

    private const string SelectProof = """
        select
          e.assignment_id, e.worker_id, job.title, e.ended_at, e.entry_number, e.settled_pay_micros as pay_micros, e.settled_credited_ms as credited_ms, e.salt
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        join job on job.job_id = a.job_id
        where e.assignment_id = @AssignmentId and e.worker_id = @WorkerId and e.entry_number is not null
        """;
}
