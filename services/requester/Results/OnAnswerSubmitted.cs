using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>Keeps answers, the first under each assignment, and counts them by job.</summary>
internal sealed class OnAnswerSubmitted(NpgsqlDataSource database) : BatchConsumer<AnswerSubmitted>
{
    protected override async Task Handle(IReadOnlyList<AnswerSubmitted> events, CancellationToken cancel)
    {
        if (events.FirstOrDefault(m => !Answer.IsAnswer(m.Answer)) is { } wrong)
            throw new InvalidOperationException($"The answer of assignment {wrong.AssignmentId} has neither a label nor a text.");

        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            InsertAnswers,
            new
            {
                AssignmentIds = events.Select(m => m.AssignmentId).ToArray(),
                JobIds = events.Select(m => m.JobId).ToArray(),
                TaskNumbers = events.Select(m => m.TaskNumber).ToArray(),
                Pseudonyms = events.Select(m => m.Pseudonym).ToArray(),
                Answers = events.Select(m => m.Answer.GetRawText()).ToArray(),
                SubmittedAts = events.Select(m => m.SubmittedAt).ToArray(),
            },
            cancellationToken: cancel));
    }

    // One statement, so one transaction: the count says what is there. Rows in the order of ids: copies lock alike.
    private const string InsertAnswers = """
        with new as (
          insert into answer (assignment_id, job_id, task_number, pseudonym, answer, submitted_at)
          select assignment_id, job_id, task_number, pseudonym, answer::jsonb, submitted_at
          from unnest(@AssignmentIds, @JobIds, @TaskNumbers, @Pseudonyms, @Answers, @SubmittedAts)
            as a (assignment_id, job_id, task_number, pseudonym, answer, submitted_at)
          order by assignment_id
          on conflict (assignment_id) do nothing
          returning job_id, submitted_at
        )
        insert into job_answers (job_id, answers, last_at)
        select job_id, count(*), max(submitted_at)
        from new
        group by job_id
        order by job_id
        on conflict (job_id) do update
        set answers = job_answers.answers + excluded.answers,
            last_at = greatest(job_answers.last_at, excluded.last_at)
        """;
}
