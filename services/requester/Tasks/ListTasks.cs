using System.Security.Claims;
using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>A job's tasks as they were read, a page at a time, with what cannot be posted.</summary>
internal static class ListTasks
{
    internal const int Most = 100;

    /// <param name="Columns">The file's columns.</param>
    /// <param name="Tasks">The tasks by number.</param>
    /// <param name="Next">The number to go on after; null at the end.</param>
    /// <param name="ProblemCount">How many rows cannot be posted.</param>
    /// <param name="Problems">The first of them, by line.</param>
    internal sealed record Response(
        string[] Columns, IReadOnlyList<Item> Tasks, int? Next, int ProblemCount, IReadOnlyList<RowProblem> Problems);

    /// <summary>One task: its number, where its row begins in the file, and its values.</summary>
    internal sealed record Item(int Number, int Line, JsonElement Input);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid jobId, int? after, int? limit, ClaimsPrincipal user, NpgsqlDataSource database, CancellationToken cancel)
    {
        if (limit is < 1 or > Most || after < 0)
            return Problems.Refuse(400, "That page does not exist", $"Ask for 1 to {Most} tasks after a task's number.", ("limit", $"1 to {Most}."));

        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobQueries.Find(jobId, user.Id(), connection, cancel) is not { } job)
            return JobQueries.NotThere();

        var tasks = await Read(jobId, after ?? 0, limit ?? Most, connection, cancel);
        var problems = await FindTaskProblems.Run(job, connection, null, cancel);
        int? next = tasks.Count > 0 && tasks[^1].Number < job.Tasks ? tasks[^1].Number : null;
        return TypedResults.Ok(new Response(problems.Columns, tasks, next, problems.Count, problems.First));
    }

    internal static async Task<IReadOnlyList<Item>> Read(Guid jobId, int after, int limit, NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            SelectTasks, new { JobId = jobId, After = after, Limit = limit }, cancellationToken: cancel));
        return rows.Select(row => new Item(row.Number, row.Line, JsonElement.Parse(row.Input))).ToArray();
    }

    private sealed record Row
    {
        public required int Number { get; init; }
        public required int Line { get; init; }
        public required string Input { get; init; }
    }

    private const string SelectTasks = """
        select number, line, input::text as input
        from task
        where job_id = @JobId and number > @After
        order by number
        limit @Limit
        """;
}
