using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// What of a draft's file cannot be posted: rows that could not be read, and rows that lack what people are to look at (an
/// empty text, a picture that is not among the uploaded ones), which depends on the columns that the draft names.
/// </summary>
internal static class FindTaskProblems
{
    /// <param name="Columns">The file's columns; none without a file.</param>
    /// <param name="Count">How many rows cannot be posted.</param>
    /// <param name="LeftOut">How many of them were read and would have to be left out now.</param>
    /// <param name="First">The first of them, by line.</param>
    internal sealed record Found(string[] Columns, int Count, int LeftOut, IReadOnlyList<RowProblem> First);

    internal static async Task<Found> Run(Job job, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel)
    {
        var file = await connection.QuerySingleOrDefaultAsync<FileRow>(
            new CommandDefinition(SelectFile, new { job.JobId }, transaction, cancellationToken: cancel));
        if (file is null)
            return new([], 0, 0, []);

        var unread = JsonSerializer.Deserialize<RowProblem[]>(file.Problems, WireJson.Options)!;
        var lacking = (await connection.QueryAsync<LackingRow>(new CommandDefinition(
            SelectLacking, Parameters(job), transaction, cancellationToken: cancel))).AsList();
        var leftOut = lacking.Count == 0 ? 0 : (int)lacking[0].Total;
        var first = unread
            .Concat(lacking.Select(row => new RowProblem(row.Line, row.Column, row.Value.Length == 0
                ? $"The column {row.Column} is empty."
                : $"There is no picture {row.Value} among the uploaded ones.")))
            .OrderBy(problem => problem.Line)
            .Take(TaskFile.MostProblemsShown)
            .ToArray();
        return new(file.Columns, file.ProblemCount + leftOut, leftOut, first);
    }

    /// <summary>Takes the rows out that lack something, and numbers the others on without gaps.</summary>
    internal static async Task LeaveOut(Job job, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(new CommandDefinition(DeleteLacking, Parameters(job), transaction, cancellationToken: cancel));

        // In two steps, so that no number is taken twice on the way.
        await connection.ExecuteAsync(new CommandDefinition(UpdateNumbers, new { job.JobId, Offset }, transaction, cancellationToken: cancel));
        await connection.ExecuteAsync(new CommandDefinition(UpdateNumbersBack, new { job.JobId, Offset }, transaction, cancellationToken: cancel));
    }

    private const int Offset = 1_000_000_000;

    private static object Parameters(Job job) => new { job.JobId, job.TextColumn, job.ImageColumn, TaskFile.MostProblemsShown };

    private sealed record FileRow
    {
        public required string[] Columns { get; init; }
        public required int ProblemCount { get; init; }
        public required string Problems { get; init; }
    }

    private sealed record LackingRow
    {
        public required int Line { get; init; }
        public required string Column { get; init; }
        public required string Value { get; init; }
        public required long Total { get; init; }
    }

    private const string SelectFile = """
        select columns, problem_count, problems::text
        from task_file
        where job_id = @JobId
        """;

    // A picture is needed where a column names one; else the text is.
    private const string Lacking = """

        where t.job_id = @JobId
          and case
            when @ImageColumn::text is not null then
              not exists (select from job_image i where i.job_id = @JobId and i.name = t.input ->> @ImageColumn)
            when @TextColumn::text is not null then
              btrim(coalesce(t.input ->> @TextColumn, ''), E' \t\r\n') = ''
            else false
          end

        """;

    private const string SelectRows = """
        select t.line, coalesce(@ImageColumn, @TextColumn) as column,
               coalesce(left(t.input ->> coalesce(@ImageColumn, @TextColumn), 200), '') as value, count(*) over () as total
        from task t
        """;

    private const string FirstRows = """
        order by t.number
        limit @MostProblemsShown
        """;

    private const string DeleteRows = """
        delete from task t
        """;

    private const string SelectLacking = SelectRows + Lacking + FirstRows;

    private const string DeleteLacking = DeleteRows + Lacking;

    private const string UpdateNumbers = """
        update task t
        set number = n.next + @Offset
        from (select number, row_number() over (order by number) as next from task where job_id = @JobId) n
        where t.job_id = @JobId and t.number = n.number and n.next <> n.number
        """;

    private const string UpdateNumbersBack = """
        update task
        set number = number - @Offset
        where job_id = @JobId and number > @Offset
        """;
}
