using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>Gives a task back without an answer; its time is paid from the allowance. The next task is claimed only when the worker asks.</summary>
internal sealed class ReturnTask(
    NpgsqlDataSource database, EndAssignment ending, WorkResponses responses, TimeProvider clock, OutboxSignal outbox)
{
    internal async Task<IResult> Handle(Guid assignmentId, HttpContext http, AssignmentEnd end)
    {
        var respond = await Decide(assignmentId, http.User.Id(), end, clock.Now(), http.RequestAborted);
        return await respond(http);
    }

    private async Task<Respond> Decide(Guid assignmentId, Guid workerId, AssignmentEnd end, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var person = await PersonQueries.Lock(workerId, now, transaction);
        var parameters = new { AssignmentId = assignmentId, WorkerId = workerId };
        if (await connection.QuerySingleOrDefaultAsync<Assignment>(AssignmentQueries.SelectAssignment, parameters, transaction) is not { } assignment)
            return WorkResponses.NotFound;

        if (!assignment.IsOpen)
        {
            return assignment.End == Assignment.Name(end)
                ? http => responses.Ended(http, assignment)
                : http => responses.Refuse(http, assignment, new(409, "This task is over", $"It was {assignment.End} before.", ""), null);
        }

        var outcome = await ending.Decide(person, assignment, end, Duration.Zero, now, cancel);
        await EndAssignment.WriteUnsubmitted(outcome, transaction, cancel);
        await transaction.CommitAsync(cancel);
        outbox.Wake();
        return http => responses.Ended(http, assignment);
    }
}
