using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Requester.Tasks;

/// <summary>Reads a file into a draft's tasks as it arrives, replacing those of the file before. All of it, or nothing.</summary>
internal static class SaveTasks
{
    /// <summary>What was read.</summary>
    internal sealed record Stored(string Name, string Format, string[] Columns, int Rows, int ProblemCount, IReadOnlyList<RowProblem> Problems);

    /// <returns>What was read, or null where the requester has no such draft (any more).</returns>
    /// <exception cref="TaskFileRefused">The file is no file of tasks; what was there before stays.</exception>
    internal static async Task<Stored?> Run(
        Guid jobId, Guid requester, string name, Stream file, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        // The beginning is awaited before the transaction opens: whoever sends nothing holds no lock.
        await using var reader = await ReadTaskFile.Open(file, cancel);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        if (await JobQueries.Lock(jobId, requester, transaction, cancel) is not { IsDraft: true })
            return null;

        await connection.ExecuteAsync(new CommandDefinition(DeleteTasks, new { JobId = jobId }, transaction, commandTimeout: 300, cancellationToken: cancel));
        var rows = await Copy(jobId, reader, connection, cancel);
        var problems = reader.Problems;
        if (rows == 0)
        {
            throw new TaskFileRefused(problems.First.Count > 0 && problems.First[0] is { } first
                ? first with { Message = $"No row of the file can be posted. {first.Message}" }
                : new(0, null, "The file has no rows after the line with the columns’ names."));
        }

        await connection.ExecuteAsync(new CommandDefinition(
            UpsertFile,
            new
            {
                JobId = jobId,
                Name = name,
                reader.Format,
                reader.Columns,
                Rows = rows,
                ProblemCount = problems.Count,
                Problems = JsonSerializer.Serialize(problems.First, WireJson.Options),
                Now = clock.Now(),
            },
            transaction,
            cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return new(name, reader.Format, reader.Columns, rows, problems.Count, problems.First);
    }

    /// <summary>Keeps why a file was refused, so that the draft's page can say it.</summary>
    internal static async Task KeepRefusal(
        Guid jobId, Guid requester, string name, RowProblem problem, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            UpsertRefusal,
            new { JobId = jobId, Requester = requester, Name = name, Problems = JsonSerializer.Serialize(new[] { problem }, WireJson.Options), Now = clock.Now() },
            cancellationToken: cancel));
    }

    private static async Task<int> Copy(Guid jobId, ReadTaskFile reader, NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyTasks, cancel);
        copy.Timeout = TimeSpan.FromMinutes(5);
        var rows = 0;
        await foreach (var row in reader.Rows(cancel))
        {
            if (++rows > TaskFile.MostRows)
                throw new TaskFileRefused(new(row.Line, null, $"A job has at most {TaskFile.MostRows:N0} tasks. Split the file."));

            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(jobId, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(rows, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(row.Line, NpgsqlDbType.Integer, cancel);
            await copy.WriteAsync(row.Input, NpgsqlDbType.Jsonb, cancel);
        }

        await copy.CompleteAsync(cancel);
        return rows;
    }

    private const string DeleteTasks = """
        delete from task
        where job_id = @JobId
        """;

    private const string CopyTasks = """
        copy task (job_id, number, line, input) from stdin (format binary)
        """;

    private const string UpsertFile = """
        with counted as (
          update job set tasks = @Rows where job_id = @JobId
        ), accepted as (
          delete from upload_refusal where job_id = @JobId
        )
        insert into task_file (job_id, name, format, columns, rows, problem_count, problems, read_at)
        values (@JobId, @Name, @Format, @Columns, @Rows, @ProblemCount, @Problems::jsonb, @Now)
        on conflict (job_id) do update
        set name = excluded.name,
            format = excluded.format,
            columns = excluded.columns,
            rows = excluded.rows,
            problem_count = excluded.problem_count,
            problems = excluded.problems,
            read_at = excluded.read_at
        """;

    private const string UpsertRefusal = """
        insert into upload_refusal (job_id, name, problems, refused_at)
        select job_id, @Name, @Problems::jsonb, @Now
        from job
        where job_id = @JobId and requester_id = @Requester and posted_at is null
        on conflict (job_id) do update
        set name = excluded.name,
            problems = excluded.problems,
            refused_at = excluded.refused_at
        """;
}
