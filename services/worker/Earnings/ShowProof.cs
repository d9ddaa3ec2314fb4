using Marketplace.Platform;
using Marketplace.Worker.Assignments;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>The proof of one line of a payslip: to look at at once, to verify in place and to take along when it is public.</summary>
internal sealed class ShowProof(NpgsqlDataSource database, EarningsQueries queries, Publication publication, TimeProvider clock)
{
    internal async Task<IResult> Handle(HttpContext http, Guid assignmentId)
    {
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var line = await queries.LineOf(http.User.Id(), assignmentId, connection, http.RequestAborted);
        if (line?.Assignment is not { IsSettled: true, Salt: { } salt, EndedAt: var endedAt })
            return Problems.Refuse(404, "There is no proof here", "A task that you ended has one about a second after its end.");

        var proof = Proof.Of(line, http.User.Id(), salt, publication.NextStep(endedAt), publication.IsAtOnce || endedAt < publication.LastStep(clock.Now()));
        return http.Request.WantsJson()
            ? TypedResults.Ok(proof)
            : new View<Proof>("/Earnings/Proof.cshtml", proof, StatusCodes.Status200OK);
    }
}
