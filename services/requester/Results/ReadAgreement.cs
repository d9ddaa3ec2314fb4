using Dapper;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>Goes through a job's counted answers task by task, holding one task's at a time.</summary>
internal static class ReadAgreement
{
    internal static async Task<Agreement> Run(Guid jobId, int wanted, NpgsqlConnection connection, CancellationToken cancel)
    {
        var agreement = new Agreement();
        var (task, answers) = (0, new List<string>());
        await foreach (var row in connection.QueryUnbufferedAsync<Row>(SelectValues, new { JobId = jobId }).WithCancellation(cancel))
        {
            if (row.TaskNumber != task)
            {
                agreement.Add(answers, wanted);
                answers.Clear();
                task = row.TaskNumber;
            }

            answers.Add(row.Value);
        }

        agreement.Add(answers, wanted);
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
        where a.job_id = @JobId
          and not exists (select from answer_exclusion x where x.assignment_id = a.assignment_id)
        order by a.task_number
        """;
}
