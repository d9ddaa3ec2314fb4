using Dapper;
using Marketplace.Requester.Jobs;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>Goes through a job's counted answers that can be seen task by task, holding one task's at a time.</summary>
internal static class ReadAgreement
{
    internal static async Task<Agreement> Run(JobView job, NpgsqlConnection connection, CancellationToken cancel)
    {
        var agreement = new Agreement();
        var (task, answers) = (0, new List<string>());
        await foreach (var row in connection.QueryUnbufferedAsync<Row>(SelectValues, new { job.JobId, job.SeenStep }).WithCancellation(cancel))
        {
            if (row.TaskNumber != task)
            {
                agreement.Add(answers, job.Wanted);
                answers.Clear();
                task = row.TaskNumber;
            }

            answers.Add(row.Value);
        }

        agreement.Add(answers, job.Wanted);
        return agreement;
    }

    private sealed record Row
    {
        public required int TaskNumber { get; init; }
        public required string Value { get; init; }
    }

    private const string SelectValues = """
        select a.task_number, coalesce(a.answer ->> 'label', a.answer ->> 'text', '') as value
        from answer a
        where a.job_id = @JobId and a.shown_at_step <= @SeenStep
          and not exists (select from answer_exclusion x where x.assignment_id = a.assignment_id)
        order by a.task_number
        """;
}
