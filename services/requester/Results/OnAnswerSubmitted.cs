using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>
/// Keeps answers, the first of each job, task and pseudonym, and counts them by job. The row takes the answer's public id; it has the assignment's
/// own id only where a worker service of the version before told it, until it is told again under the public one.
/// </summary>
internal sealed class OnAnswerSubmitted(NpgsqlDataSource database, PublicationSteps steps) : BatchConsumer<AnswerSubmitted>
{
    protected override async Task Handle(IReadOnlyList<AnswerSubmitted> events, CancellationToken cancel)
    {
        if (events.FirstOrDefault(m => !Answer.IsAnswer(m.Answer)) is { } wrong)
            throw new InvalidOperationException($"An answer to task {wrong.TaskNumber} of job {wrong.JobId} has neither a label nor a text.");
        if (events.FirstOrDefault(m => (m.AnswerId ?? m.AssignmentId) is null) is { } nameless)
            throw new InvalidOperationException($"An answer to task {nameless.TaskNumber} of job {nameless.JobId} has no id.");

        await using var connection = await database.OpenConnectionAsync(cancel);
        var answers = new
        {
            AssignmentIds = events.Select(m => m.AnswerId ?? m.AssignmentId!.Value).ToArray(),
            AnswerIds = events.Select(m => m.AnswerId).ToArray(),
            JobIds = events.Select(m => m.JobId).ToArray(),
            TaskNumbers = events.Select(m => m.TaskNumber).ToArray(),
            Pseudonyms = events.Select(m => m.Pseudonym).ToArray(),
            Answers = events.Select(m => m.Answer.GetRawText()).ToArray(),
            SubmittedAts = events.Select(m => Answer.HourOf(m.SubmittedAt)).ToArray(),
            steps.IsAtOnce,
        };

        // A step whose time has come is made before, so that what comes now is not seen from it.
        await steps.Last(connection, cancel);
        var added = await connection.ExecuteScalarAsync<long>(new CommandDefinition(InsertAnswers, answers, cancellationToken: cancel));

        // A statement of its own, so that it sees a row that another copy has written meanwhile under the old id. It needs no transaction with the
        // first: a message that is not acknowledged comes again.
        if (added < events.Count)
            await connection.ExecuteAsync(new CommandDefinition(UpdateIds, answers, cancellationToken: cancel));
    }

    // One statement, so one transaction: the count says what is there. Rows in the order of the key: copies lock alike. Until it is done no step is
    // made, so that what is in hand at a step is seen with it, and not a moment after. The count that a requester
    // sees until the step is what was there before the first answer of that step; one that comes late, under the number of a step just made, is
    // part of both.
    private const string InsertAnswers = """
        with next as materialized (
          select case when @IsAtOnce then 0 else step + 1 end as step
          from publication
          for share
        ),
        new as (
          insert into answer (assignment_id, answer_id, job_id, task_number, pseudonym, answer, submitted_at, shown_at_step)
          select assignment_id, answer_id, job_id, task_number, pseudonym, answer::jsonb, submitted_at, (select step from next)
          from unnest(@AssignmentIds, @AnswerIds, @JobIds, @TaskNumbers, @Pseudonyms, @Answers, @SubmittedAts)
            as a (assignment_id, answer_id, job_id, task_number, pseudonym, answer, submitted_at)
          order by job_id, task_number, pseudonym, answer_id
          on conflict do nothing
          returning job_id, submitted_at
        ),
        counted as (
          insert into job_answers (job_id, answers, last_at, shown_at_step)
          select job_id, count(*), max(submitted_at), (select step from next)
          from new
          group by job_id
          order by job_id
          on conflict (job_id) do update
          set answers = job_answers.answers + excluded.answers,
              last_at = greatest(job_answers.last_at, excluded.last_at),
              shown_at_step = greatest(job_answers.shown_at_step, excluded.shown_at_step),
              answers_before = case
                when excluded.shown_at_step > job_answers.shown_at_step then job_answers.answers
                when excluded.shown_at_step < job_answers.shown_at_step then job_answers.answers_before + excluded.answers
                else job_answers.answers_before
              end,
              last_at_before = case
                when excluded.shown_at_step > job_answers.shown_at_step then job_answers.last_at
                when excluded.shown_at_step < job_answers.shown_at_step then greatest(job_answers.last_at_before, excluded.last_at)
                else job_answers.last_at_before
              end
        )
        select count(*)
        from new
        """;

    // Walks answer_key. An exclusion follows by its foreign key.
    private const string UpdateIds = """
        update answer
        set assignment_id = a.answer_id,
            answer_id = a.answer_id,
            submitted_at = date_trunc('hour', answer.submitted_at, 'UTC')
        from unnest(@AnswerIds, @JobIds, @TaskNumbers, @Pseudonyms) as a (answer_id, job_id, task_number, pseudonym)
        where answer.job_id = a.job_id and answer.task_number = a.task_number and answer.pseudonym = a.pseudonym
          and answer.answer_id is null and a.answer_id is not null
        """;
}
