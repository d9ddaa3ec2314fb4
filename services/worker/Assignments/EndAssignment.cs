using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Ends an open assignment under its worker's lock: reckons its time, takes what it used from the allowance, gives the slot back where there is
/// no answer, and tells payment.
/// </summary>
internal sealed class EndAssignment(PolicyQueries policies)
{
    /// <summary>A decided end: its time, the worker's row after it, and what it pays by this service's own sum.</summary>
    internal sealed record Outcome(Assignment Assignment, AssignmentEnd End, DateTimeOffset At, TimeSpent Time, Pay Pay, PersonAtWork Person)
    {
        /// <summary>What is left of the allowance after it.</summary>
        internal Duration AllowanceLeft => Time.AllowanceLeft - Pay.Credit.AllowanceUsed;
    }

    /// <summary>Decides the end; nothing is written yet.</summary>
    internal async Task<Outcome> Decide(PersonAtWork person, Assignment assignment, AssignmentEnd end, Duration asked, DateTimeOffset now, CancellationToken cancel)
    {
        var policy = await policies.Find(assignment.PolicyVersion, cancel)
            ?? throw new InvalidOperationException($"Policy {assignment.PolicyVersion} of an assignment is gone.");
        var inForce = await policies.Find(person.PolicyInForce, cancel) ?? policy;
        var time = assignment.TimeAt(now, end, asked, person.AllowanceLeft(inForce));
        var pay = Pay.Of(assignment.Terms(policy), Credit.KindOf(end), time);
        return new(assignment, end, Later(assignment.ClaimedAt, now), time, pay, person.Ended(end, Later(assignment.ClaimedAt, now), pay));
    }

    /// <summary>Writes an end without an answer: the task comes back.</summary>
    internal static async Task WriteUnsubmitted(Outcome outcome, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var completed = ToEvent(outcome);
        await transaction.Connection!.ExecuteAsync(SaveAndEnd, Row(outcome, completed, outcome.Person, null, null), transaction);
        await Outbox.Add(completed, transaction, cancel);

        var assignment = outcome.Assignment;
        await JobQueries.LockOrInsert(assignment.JobId, transaction);
        await transaction.Connection!.ExecuteAsync(UpdateTask, new { assignment.JobId, assignment.Number }, transaction);
        await OpenSlots.Some(assignment.JobId, most: 1, transaction);
    }

    /// <summary>Writes an end with an answer, what the worker got next, and the events for payment and for the requester, and commits.</summary>
    internal static async Task CommitSubmitted(
        Outcome outcome, string answer, TakeTask.Outcome next, AnswerSubmitted submitted, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var completed = ToEvent(outcome);
        var row = Row(outcome, completed, outcome.Person with { AssignmentId = next.AssignmentId }, answer, next);
        var statements = next.AssignmentId is null ? CountAndEnd : SaveAndEnd; // Taking a task has counted the answer.
        await Outbox.CommitWith(statements, row, [completed, submitted], transaction, cancel);
    }

    private static DynamicParameters Row(Outcome outcome, TaskCompleted completed, PersonAtWork person, string? answer, TakeTask.Outcome? next)
    {
        // The worker's row and the end's share no field but the worker: the row's open assignment is the next one.
        var row = new DynamicParameters(person);
        row.AddDynamicParams(new
        {
            EndedAssignmentId = completed.AssignmentId,
            completed.JobId,
            End = Assignment.Name(outcome.End),
            completed.EndedAt,
            completed.ActiveMs,
            AskedMs = outcome.Time.Asked.Ms,
            completed.UnseenMs,
            completed.AllowanceLeftMs,
            CreditedMs = outcome.Pay.Credit.Credited.Ms,
            AllowanceUsedMs = outcome.Pay.Credit.AllowanceUsed.Ms,
            PayMicros = outcome.Pay.Amount.Micros,
            Answer = answer,
            NextRefusal = next?.Refusal?.Reason,
            NextAssignmentId = next?.AssignmentId,
        });
        return row;
    }

    private static TaskCompleted ToEvent(Outcome outcome) => new()
    {
        AssignmentId = outcome.Assignment.AssignmentId,
        JobId = outcome.Assignment.JobId,
        WorkerId = outcome.Assignment.WorkerId,
        End = outcome.End,
        TermsVersion = outcome.Assignment.TermsVersion,
        ClaimedAt = outcome.Assignment.ClaimedAt,
        EndedAt = outcome.At,
        ActiveMs = outcome.Time.Active.Ms,
        UnseenMs = WorkingTime.Unseen(outcome.Time.Asked, outcome.Time.Wall, outcome.Time.Active).Ms,
        AllowanceLeftMs = outcome.Time.AllowanceLeft.Ms,
        FirstOfJob = outcome.Assignment.FirstOfJob,
    };

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private const string UpdateSubmitted = """
        update worker_job
        set submitted = submitted + 1
        where worker_id = @WorkerId and job_id = @JobId
        """;

    private const string CountAndEnd = UpdateSubmitted + ";\n" + SaveAndEnd;

    private const string SaveAndEnd = PersonQueries.UpdateWorker + ";\n" + InsertEnd;

    private const string InsertEnd = """
        insert into assignment_end (
          assignment_id, worker_id, job_id, "end", ended_at, active_ms, asked_ms, unseen_ms, allowance_left_ms,
          credited_ms, allowance_used_ms, pay_micros, answer, next_assignment_id, next_refusal)
        values (
          @EndedAssignmentId, @WorkerId, @JobId, @End, @EndedAt, @ActiveMs, @AskedMs, @UnseenMs, @AllowanceLeftMs,
          @CreditedMs, @AllowanceUsedMs, @PayMicros, @Answer::jsonb, @NextAssignmentId, @NextRefusal)
        """;

    private const string UpdateTask = """
        with given as (
          update task
          set unopened = unopened + 1
          where job_id = @JobId and number = @Number
        )
        update job
        set unopened = unopened + 1
        where job_id = @JobId
        """;
}
