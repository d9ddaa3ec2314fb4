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
        var writes = new RoundTrip(transaction);
        Write(outcome, completed, null, null, writes);
        Outbox.AddRange([completed], writes);
        await writes.Execute(cancel);

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
        var writes = new RoundTrip(transaction);
        if (next.AssignmentId is null) // Taking a task has counted the answer.
            writes.Add(UpdateSubmitted, new { completed.WorkerId, completed.JobId });
        Write(outcome with { Person = outcome.Person with { AssignmentId = next.AssignmentId } }, completed, answer, next, writes);
        Outbox.AddRange<object>([completed, submitted], writes);
        await writes.Commit(cancel);
    }

    private static void Write(Outcome outcome, TaskCompleted completed, string? answer, TakeTask.Outcome? next, RoundTrip writes)
    {
        writes.Add(PersonQueries.UpdateWorker, outcome.Person);
        writes.Add(InsertEnd, new
        {
            completed.AssignmentId,
            PublicId = answer is null ? null : (Guid?)outcome.Assignment.PublicId,
            completed.WorkerId,
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
            NextAssignmentId = next?.AssignmentId,
            NextRefusal = next?.Refusal?.Reason,
        });
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

    private const string InsertEnd = """
        insert into assignment_end (
          assignment_id, public_id, worker_id, job_id, "end", ended_at, active_ms, asked_ms, unseen_ms, allowance_left_ms,
          credited_ms, allowance_used_ms, pay_micros, answer, next_assignment_id, next_refusal)
        values (
          @AssignmentId, @PublicId, @WorkerId, @JobId, @End, @EndedAt, @ActiveMs, @AskedMs, @UnseenMs, @AllowanceLeftMs,
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
