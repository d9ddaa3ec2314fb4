using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>Reads assignments; each only for its own worker, so that somebody else's is not there.</summary>
internal sealed class WorkQueries(NpgsqlDataSource database, PolicyQueries policies)
{
    /// <summary>The assignment with its job's template and its task, and the worker's row as it is at this moment; null where this worker has none of this id.</summary>
    internal async Task<(Work Work, PersonAtWork Person)?> Find(Guid assignmentId, Guid workerId, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var parameters = new { AssignmentId = assignmentId, WorkerId = workerId, Now = now, Before = Allowance.CountsAfter(now) };
        await using var rows = await connection.QueryMultipleAsync(SelectAll, parameters);
        var row = await rows.ReadSingleOrDefaultAsync<Row>();
        var found = await rows.ReadSingleOrDefaultAsync<Assignment>();
        var person = await rows.ReadSingleOrDefaultAsync<PersonAtWork>();
        if (row is null || found is not { } assignment)
            return null;

        var policy = await policies.Find(assignment.PolicyVersion, cancel);
        using var input = JsonDocument.Parse(row.Input);
        var work = new Work
        {
            Assignment = assignment,
            Title = row.Title,
            RequesterName = row.RequesterName,
            Instructions = row.Instructions,
            Template = ReadTemplate(row.Template),
            Input = input.RootElement.Clone(),
            FloorMicrosPerHour = policy!.FloorPerHour.Micros,
        };
        return (work, person!);
    }

    internal static JobTemplate ReadTemplate(string json) => JsonSerializer.Deserialize<JobTemplate>(json, WireJson.Options)!;

    private sealed record Row
    {
        public required string Title { get; init; }
        public required string RequesterName { get; init; }
        public required string? Instructions { get; init; }
        public required string Template { get; init; }
        public required string Input { get; init; }
    }

    private const string SelectAll = SelectWork + ";\n" + AssignmentQueries.SelectAssignment + ";\n" + PersonQueries.SelectUnlocked;

    private const string SelectWork = """
        select
          job.title,
          job.requester_name,
          nullif(job.instructions, '') as instructions,
          job.template::text as template,
          task.input::text as input
        from assignment a
        join job on job.job_id = a.job_id
        join task on task.job_id = a.job_id and task.number = a.number
        where a.assignment_id = @AssignmentId and a.worker_id = @WorkerId
        """;
}
