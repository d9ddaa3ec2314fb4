using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>Reads assignments; each only for its own worker, so that somebody else's is not there.</summary>
internal sealed class WorkQueries(NpgsqlDataSource database, PolicyQueries policies)
{
    /// <summary>The assignment with its job's template and its task, or null where this worker has none of this id.</summary>
    internal async Task<Work?> Find(Guid assignmentId, Guid workerId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var parameters = new { AssignmentId = assignmentId, WorkerId = workerId };
        if (await connection.QuerySingleOrDefaultAsync<Row>(SelectWork, parameters) is not { } row)
            return null;

        var assignment = await connection.QuerySingleAsync<Assignment>(AssignmentQueries.SelectAssignment, parameters);
        var policy = await policies.Find(assignment.PolicyVersion, cancel);
        using var input = JsonDocument.Parse(row.Input);
        return new Work
        {
            Assignment = assignment,
            Title = row.Title,
            RequesterName = row.RequesterName,
            Instructions = row.Instructions,
            Template = ReadTemplate(row.Template),
            Input = input.RootElement.Clone(),
            FloorMicrosPerHour = policy!.FloorPerHour.Micros,
        };
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
