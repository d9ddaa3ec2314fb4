using System.Globalization;
using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Submits an answer and, in the same transaction, claims the next task unless the worker stops: no gap between tasks is unpaid. After the
/// lease it is taken as long as the sweep has not ended the assignment. A repeat with the same answer gets the first response again.
/// </summary>
internal sealed class SubmitAnswer(
    NpgsqlDataSource database, TakeTask take, EndAssignment ending, WorkResponses responses, TimeProvider clock, OutboxSignal outbox)
{
    internal async Task<IResult> Handle(Guid assignmentId, HttpContext http)
    {
        var submission = await ReadSubmission.Handle(http.Request, http.RequestAborted);

        // What is shown is read after the transaction is over: a request never holds one connection while it waits for another.
        var respond = await Decide(assignmentId, submission, http.User.Id(), clock.Now(), http.RequestAborted);
        return await respond(http);
    }

    private async Task<Respond> Decide(Guid assignmentId, Submission submission, Guid workerId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await Read(assignmentId, workerId, now, transaction) is not var (person, assignment, around, job))
            return WorkResponses.NotFound;

        if (submission.Wrong is { } wrong)
            return Refuse(assignment, submission, 400, "This cannot be read", wrong.Message, wrong.Field);
        var answer = Answer.Check(submission.Answer, WorkQueries.ReadTemplate(around.Template));
        if (answer.Accepted is null)
            return Refuse(assignment, submission, 400, "The answer does not fit the task", answer.Message, answer.Field);
        if (!assignment.IsOpen)
            return Repeat(assignment, around, answer.Accepted, submission);
        if (assignment.TooEarlyBy(now) is { Ms: > 0 } early)
            return TooEarly(assignment, early, submission);

        var outcome = await ending.Decide(person, assignment, AssignmentEnd.Submitted, submission.Asked, now, cancel);
        var next = submission.Stop
            ? new(null, NoTask.Stopped)
            : await take.Handle(outcome.Person, job with { Submitted = job.Submitted + 1, SubmittedNow = 1 }, now, transaction, cancel);
        var submitted = ToEvent(assignment.PublicId, assignment.JobId, assignment.Number, around.Pseudonym, answer.Accepted, now);
        await EndAssignment.CommitSubmitted(outcome, answer.Accepted.ToJson(), next, submitted, transaction, cancel);
        outbox.Wake();

        return http => responses.Submitted(http, new()
        {
            AssignmentId = assignmentId,
            JobId = assignment.JobId,
            CreditedMs = outcome.Pay.Credit.Credited.Ms,
            PayMicros = outcome.Pay.Amount.Micros,
            AllowanceLeftMs = outcome.AllowanceLeft.Ms,
            Next = next.AssignmentId,
            Refusal = next.Refusal,
        });
    }

    /// <summary>All that a submit looks at, in one round trip: the worker's row is locked first, the rest is read under its lock.</summary>
    private static async Task<(PersonAtWork, Assignment, Around, JobToClaim)?> Read(
        Guid assignmentId, Guid workerId, DateTimeOffset now, NpgsqlTransaction transaction)
    {
        var parameters = new { AssignmentId = assignmentId, WorkerId = workerId, Now = now, Before = Allowance.CountsAfter(now) };
        await using var rows = await transaction.Connection!.QueryMultipleAsync(SelectAll, parameters, transaction);
        var person = await rows.ReadSingleOrDefaultAsync<PersonAtWork>();
        var assignment = await rows.ReadSingleOrDefaultAsync<Assignment>();
        var around = await rows.ReadSingleOrDefaultAsync<Around>();
        var job = await rows.ReadSingleOrDefaultAsync<JobToClaim>();
        return assignment is null ? null : (person!, assignment, around!, job!);
    }

    internal static AnswerSubmitted ToEvent(Guid publicId, Guid job, int task, Guid pseudonym, Answer answer, DateTimeOffset at) => new()
    {
        AnswerId = publicId,
        JobId = job,
        TaskNumber = task,
        Pseudonym = pseudonym,
        Answer = JsonSerializer.SerializeToElement(answer, Answer.Json),
        SubmittedAt = at - TimeSpan.FromTicks(at.UtcTicks % TimeSpan.TicksPerHour),
    };

    private Respond Refuse(Assignment assignment, Submission submission, int status, string title, string detail, string field = "") =>
        http => responses.Refuse(http, assignment, new(status, title, detail, field), submission);

    private Respond TooEarly(Assignment assignment, Duration early, Submission submission)
    {
        var seconds = (early.Ms + 999) / 1000;
        var refuse = Refuse(
            assignment, submission, 409, $"Submit in {seconds} s",
            $"An answer is taken from {assignment.EarliestSubmitMs / 1000m:0.###} s after the claim. Nothing is lost: submit again then.");
        return http =>
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return refuse(http);
        };
    }

    private Respond Repeat(Assignment assignment, Around first, Answer answer, Submission submission)
    {
        if (first.Answer is null)
        {
            return Refuse(
                assignment, submission, 409, "This task is over", $"It was {assignment.End} before this answer came, so the answer was not taken.");
        }

        if (Answer.Read(first.Answer) != answer)
            return Refuse(assignment, submission, 409, "You answered this before", "Another answer was saved first, and it stays. It will be paid.");

        return http => responses.Submitted(http, new()
        {
            AssignmentId = assignment.AssignmentId,
            JobId = assignment.JobId,
            CreditedMs = first.CreditedMs,
            PayMicros = first.PayMicros,
            AllowanceLeftMs = first.AllowanceLeftMs - first.AllowanceUsedMs,
            Next = first.NextAssignmentId,
            Refusal = first.NextRefusal is { } reason ? NoTask.Of(reason) : null,
        });
    }

    /// <summary>What a submit needs to know beside the assignment, and its first response if it has one.</summary>
    private sealed record Around
    {
        public required string Template { get; init; }
        public required Guid Pseudonym { get; init; }
        public required string? Answer { get; init; }
        public required long CreditedMs { get; init; }
        public required long PayMicros { get; init; }
        public required long AllowanceLeftMs { get; init; }
        public required long AllowanceUsedMs { get; init; }
        public required Guid? NextAssignmentId { get; init; }
        public required string? NextRefusal { get; init; }
    }

    private const string SelectAround = """
        select
          job.template::text as template,
          p.pseudonym,
          e.answer::text as answer,
          coalesce(e.credited_ms, 0) as credited_ms,
          coalesce(e.pay_micros, 0) as pay_micros,
          coalesce(e.allowance_left_ms, 0) as allowance_left_ms,
          coalesce(e.allowance_used_ms, 0) as allowance_used_ms,
          e.next_assignment_id,
          e.next_refusal
        from assignment a
        join job on job.job_id = a.job_id
        join pseudonym p on p.worker_id = a.worker_id and p.requester_id = job.requester_id
        left join assignment_end e on e.assignment_id = a.assignment_id
        where a.assignment_id = @AssignmentId and a.worker_id = @WorkerId
        """;

    private const string SelectAll = PersonQueries.SelectWorker + ";\n" + AssignmentQueries.SelectAssignment + ";\n" + SelectAround + ";\n" + JobToClaimQueries.SelectJobOfAssignment;
}
