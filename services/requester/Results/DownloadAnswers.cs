using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>
/// Sends a job's answers as CSV or JSON Lines, every one or the majority by task, as they are read. Excluded answers are
/// left out, and so are those of a running job since the last step. JSON Lines is exact; in CSV a text that a spreadsheet would run as a formula has an apostrophe before it.
/// </summary>
internal static class DownloadAnswers
{
    private const int MostBuffered = 32 * 1024;

    internal static Task<IResult> Csv(Guid jobId, string? what, HttpContext http, NpgsqlDataSource database, PublicationSteps steps) =>
        Send(jobId, what, "csv", http, database, steps, http.RequestAborted);

    internal static Task<IResult> Jsonl(Guid jobId, string? what, HttpContext http, NpgsqlDataSource database, PublicationSteps steps) =>
        Send(jobId, what, "jsonl", http, database, steps, http.RequestAborted);

    private static async Task<IResult> Send(
        Guid jobId, string? what, string format, HttpContext http, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        if (what is not (null or "majority" or "raw"))
            return Problems.Refuse(400, "There is no such download", "Ask for what=majority or what=raw.", ("what", "majority or raw."));

        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobViewQueries.Find(jobId, http.User.Id(), steps, connection, cancel) is not { } job)
            return JobQueries.NotThere();

        var columns = await connection.QuerySingleOrDefaultAsync<string[]>(
            new CommandDefinition(SelectColumns, new { job.JobId }, cancellationToken: cancel)) ?? [];
        SayWhatIsHeldBack(job, http.Response.Headers);
        var majority = what is not "raw";
        return TypedResults.Stream(
            async body =>
            {
                await using var reading = await database.OpenConnectionAsync(CancellationToken.None);
                var rows = majority ? Majorities(Read(job, reading, cancel)) : Raw(Read(job, reading, cancel));
                await (format == "csv" ? WriteCsv(body, rows, majority, columns, cancel) : WriteJsonl(body, rows, cancel));
            },
            format == "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8",
            FileName(job.Title, majority, format));
    }

    /// <summary>A program that downloads a running job learns here that it has to come again.</summary>
    private static void SayWhatIsHeldBack(JobView job, IHeaderDictionary headers)
    {
        headers["Answers-Held-Back"] = job.HeldBack.ToString(CultureInfo.InvariantCulture);
        if (job.NextAnswersAt is { } next)
            headers["Next-Answers-At"] = next.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }

    /// <summary>One line of a download: our columns in order, and the task's own.</summary>
    private sealed record Line(IReadOnlyList<(string Name, object? Value)> Values, string Input);

    private static async IAsyncEnumerable<Line> Raw(IAsyncEnumerable<Row> rows)
    {
        await foreach (var row in rows)
        {
            yield return new(
                [("task", row.TaskNumber), ("answer", row.Value), ("person", row.Pseudonym), ("submittedAt", Answer.HourOf(row.SubmittedAt)), ("answerId", row.AnswerId)],
                row.Input);
        }
    }

    private static async IAsyncEnumerable<Line> Majorities(IAsyncEnumerable<Row> rows)
    {
        var answers = new List<string>();
        Row? last = null;
        await foreach (var row in rows)
        {
            if (last is not null && last.TaskNumber != row.TaskNumber)
            {
                yield return Of(last, answers);
                answers.Clear();
            }

            answers.Add(row.Value);
            last = row;
        }

        if (last is not null)
            yield return Of(last, answers);

        static Line Of(Row task, List<string> answers)
        {
            var majority = Majority.Of(answers);
            return new(
                [("task", task.TaskNumber), ("label", majority.Label), ("votes", majority.Votes), ("answers", majority.Answers),
                 ("agreement", Math.Round((decimal)majority.Agreement, 4)), ("tied", majority.Tied)],
                task.Input);
        }
    }

    private static async Task WriteCsv(Stream body, IAsyncEnumerable<Line> lines, bool majority, string[] columns, CancellationToken cancel)
    {
        string[] ours = majority
            ? ["task", "label", "votes", "answers", "agreement", "tied"]
            : ["task", "answer", "person", "submittedAt", "answerId"];
        await using var csv = CsvWriter.Create(body, new CsvWriterOptions(), leaveOpen: true);
        foreach (var name in ours.Concat(columns.Select(c => $"input.{c}")))
            csv.WriteField(name);
        await csv.EndRecordAsync(cancel);

        await foreach (var line in lines.WithCancellation(cancel))
        {
            foreach (var (_, value) in line.Values)
                csv.WriteField(Text(value));
            using var input = JsonDocument.Parse(line.Input);
            foreach (var column in columns)
                csv.WriteField(input.RootElement.TryGetProperty(column, out var text) ? Guarded(text.GetString() ?? "") : "");
            await csv.EndRecordAsync(cancel);
        }

        await csv.FlushAsync(cancel);
    }

    private static async Task WriteJsonl(Stream body, IAsyncEnumerable<Line> lines, CancellationToken cancel)
    {
        // Into memory first: the response takes no writes that do not wait.
        var buffer = new ArrayBufferWriter<byte>(2 * MostBuffered);
        var options = new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        await using var json = new Utf8JsonWriter(buffer, options);
        await foreach (var line in lines.WithCancellation(cancel))
        {
            json.WriteStartObject();
            foreach (var (name, value) in line.Values)
            {
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, value?.GetType() ?? typeof(object), WireJson.Options);
            }

            json.WritePropertyName("input");
            json.WriteRawValue(line.Input);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount >= MostBuffered)
            {
                await body.WriteAsync(buffer.WrittenMemory, cancel);
                buffer.ResetWrittenCount();
            }
        }

        await body.WriteAsync(buffer.WrittenMemory, cancel);
    }

    private static string Text(object? value) => value switch
    {
        string text => Guarded(text),
        bool yes => yes ? "true" : "false",
        DateTimeOffset at => at.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>
    /// What a spreadsheet takes for a formula (it begins with = @ tab or return, or with + or - and is no number) gets an
    /// apostrophe before it, which a spreadsheet does not show.
    /// </summary>
    internal static string Guarded(string text) => text switch
    {
        ['=' or '@' or '\t' or '\r', ..] => "'" + text,
        ['+' or '-', ..] when !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => "'" + text,
        _ => text,
    };

    private static string FileName(string title, bool majority, string format)
    {
        var name = string.Concat(title.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        while (name.Contains("--", StringComparison.Ordinal))
            name = name.Replace("--", "-", StringComparison.Ordinal);
        return $"{(name.Length == 0 ? "answers" : name.Length <= 60 ? name : name[..60])}-{(majority ? "majority" : "answers")}.{format}";
    }

    private static async IAsyncEnumerable<Row> Read(JobView job, NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in connection.QueryUnbufferedAsync<Row>(SelectAnswers, new { job.JobId, job.SeenStep }, commandTimeout: 600).WithCancellation(cancel))
            yield return row;
    }

    private sealed record Row
    {
        public required int TaskNumber { get; init; }
        public required string Input { get; init; }
        public required string Value { get; init; }
        public required Guid Pseudonym { get; init; }
        public required DateTimeOffset SubmittedAt { get; init; }
        public required Guid? AnswerId { get; init; }
    }

    private const string SelectColumns = """
        select columns
        from task_file
        where job_id = @JobId
        """;

    // Walks answer_key, and sorts within a task: the order says nothing of when anybody answered.
    private const string SelectAnswers = """
        select a.task_number, t.input::text as input, coalesce(a.answer ->> 'label', a.answer ->> 'text', '') as value,
               a.pseudonym, a.submitted_at, a.answer_id
        from answer a
        join task t on t.job_id = a.job_id and t.number = a.task_number
        where a.job_id = @JobId and a.shown_at_step <= @SeenStep
          and not exists (select from answer_exclusion x where x.assignment_id = a.assignment_id)
        order by a.task_number, a.answer_id, a.pseudonym
        """;
}
