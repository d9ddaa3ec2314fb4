using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Tasks;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>What a draft's page shows of its files: what was uploaded, some rows, and a task as a worker sees it.</summary>
internal static class ShowDraftFiles
{
    /// <summary>A file of tasks, a zip of pictures, or one that was refused.</summary>
    internal sealed record Upload
    {
        public required string Kind { get; init; }
        public required string Name { get; init; }
        public required string Format { get; init; }
        public required int Rows { get; init; }
        public required int ProblemCount { get; init; }
        public required string Problems { get; init; }
        public required DateTimeOffset ReadAt { get; init; }

        public int Images => Rows;

        public IReadOnlyList<RowProblem> FirstProblems => JsonSerializer.Deserialize<RowProblem[]>(Problems, WireJson.Options)!;
    }

    /// <summary>A row of the table: a task's values, a row that cannot be posted, or a note on those left out here.</summary>
    internal sealed record Row(int Line, string[] Values, string? Problem, string? Note);

    /// <summary>A task as a worker sees it.</summary>
    internal sealed record Shown(int Number, string? Image, string? Text);

    private const int FirstRows = 3;
    private const int ProblemRows = 5;

    internal static async Task<(Upload? File, Upload? Images, Upload? Refusal)> Uploads(Guid jobId, NpgsqlConnection connection, CancellationToken cancel)
    {
        var uploads = (await connection.QueryAsync<Upload>(new CommandDefinition(SelectUploads, new { JobId = jobId }, cancellationToken: cancel))).AsList();
        return (uploads.Find(u => u.Kind == "file"), uploads.Find(u => u.Kind == "images"), uploads.Find(u => u.Kind == "refused"));
    }

    internal static async Task<IReadOnlyList<Row>> Sample(Job job, FindTaskProblems.Found problems, NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = (await ListTasks.Read(job.JobId, 0, FirstRows, connection, cancel))
            .Where(task => problems.First.All(p => p.Line != task.Line))
            .Select(task => new Row(task.Line, Values(task.Input, problems.Columns), null, null))
            .Concat(problems.First.Take(ProblemRows).Select(p => new Row(p.Line, [], p.Message, null)))
            .OrderBy(row => row.Line)
            .ToList();
        var more = job.Tasks - problems.LeftOut - rows.Count(row => row.Problem is null);
        if (more > 0)
            rows.Add(new(0, [], null, $"{more:N0} more rows are fine"));
        return rows;
    }

    internal static async Task<Shown?> Task(Job job, int number, NpgsqlConnection connection, CancellationToken cancel)
    {
        if (job.TextColumn is null && job.ImageColumn is null)
            return null;
        if (await ListTasks.Read(job.JobId, number - 1, 1, connection, cancel) is not [var task])
            return null;

        var name = job.ImageColumn is { } column ? Value(task.Input, column) : null;
        var hash = name is null ? null : await connection.QuerySingleOrDefaultAsync<byte[]>(
            new CommandDefinition(SelectHash, new { job.JobId, Name = name }, cancellationToken: cancel));
        return new(
            task.Number,
            hash is null ? null : "/media/" + Convert.ToHexStringLower(hash),
            job.TextColumn is { } text ? Value(task.Input, text) : null);
    }

    private static string[] Values(JsonElement input, string[] columns) => columns.Select(column => Shortened(Value(input, column) ?? "")).ToArray();

    private static string? Value(JsonElement input, string column) => input.TryGetProperty(column, out var value) ? value.GetString() : null;

    private static string Shortened(string value) => value.Length <= 200 ? value : value[..200] + "…";

    private const string SelectUploads = """
        select 'file' as kind, name, format, rows, problem_count, problems::text as problems, read_at
        from task_file
        where job_id = @JobId
        union all
        select 'images', name, '', images, problem_count, problems::text, read_at
        from image_file
        where job_id = @JobId
        union all
        select 'refused', name, '', 0, 1, problems::text, refused_at
        from upload_refusal
        where job_id = @JobId
        """;

    private const string SelectHash = """
        select hash
        from job_image
        where job_id = @JobId and name = @Name
        """;
}
