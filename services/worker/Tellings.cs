using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Worker.Assignments;

namespace Marketplace.Worker;

/// <summary>What this service can tell again: ends (those that payment has answered too, since an answer may be lost), answers, and closed jobs.</summary>
internal static class Tellings
{
    internal static readonly IReadOnlyList<Telling> All =
    [
        Telling.OfRows<ResendUnpaid.Row, TaskCompleted>(SelectEnds, ResendUnpaid.ToEvent),
        Telling.OfRows<TellOldAnswers.Row, AnswerSubmitted>(SelectAnswers, row => row.ToEvent()),
        Telling.OfRows<JobClaimsClosed, JobClaimsClosed>(SelectClosed, closed => closed),
    ];

    private const string SelectEnds = """
        select
          e.assignment_id, e.job_id, e.worker_id, e."end", a.terms_version, a.claimed_at, e.ended_at,
          e.active_ms, e.unseen_ms, e.allowance_left_ms, a.first_of_job
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        where e.entry_number is null or e.ended_at >= @Since
        """;

    // A pseudonym that was erased has nothing to say any more; what has no public id yet is told by TellOldAnswers.
    private const string SelectAnswers = """
        select a.assignment_id, a.public_id, a.job_id, a.number as task_number, p.pseudonym, e.answer::text as answer, e.ended_at
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        join job j on j.job_id = a.job_id
        join pseudonym p on p.worker_id = a.worker_id and p.requester_id = j.requester_id
        where e."end" = 'submitted' and e.ended_at >= @Since and a.public_id is not null
        """;

    private const string SelectClosed = """
        select job_id, claims
        from job
        where claims is not null
          and (closed_at >= @Since or measured ->> 'finished' is distinct from 'true')
        """;
}
