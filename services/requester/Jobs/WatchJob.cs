using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>
/// Says while somebody looks on that a job has changed: how many answers are in, how many claims its money allows, and
/// where it is in its life; what people did only at the step, as everywhere else.
/// </summary>
internal static class WatchJob
{
    /// <summary>One change.</summary>
    internal sealed record Progress
    {
        public required long Answers { get; init; }
        public required long Funded { get; init; }
        public required long Measured { get; init; }
        public required bool Refused { get; init; }
        public required bool Closed { get; init; }
        public required bool Finished { get; init; }

        /// <summary>When the next answers are shown; null where they are shown as they come, and where none come any more.</summary>
        public required DateTimeOffset? NextAnswersAt { get; init; }
    }

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    internal static async Task<IResult> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, PublicationSteps steps, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobQueries.Find(jobId, user.Id(), connection, cancel) is null)
            return JobQueries.NotThere();
        return TypedResults.ServerSentEvents(Changes(jobId, database, steps, lifetime.ApplicationStopping, cancel));
    }

    private static async IAsyncEnumerable<SseItem<Progress>> Changes(
        Guid jobId, NpgsqlDataSource database, PublicationSteps steps, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancel)
    {
        Progress? last = null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping);
        while (!cancel.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            var now = await Read(jobId, database, steps, cancel);
            if (now != last)
                yield return new(now);
            last = now;
            await Task.Delay(Every, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<Progress> Read(Guid jobId, NpgsqlDataSource database, PublicationSteps steps, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var step = await steps.Last(connection, cancel);
        var row = await connection.QuerySingleAsync<Row>(new CommandDefinition(
            SelectProgress, new { JobId = jobId, Step = step }, cancellationToken: cancel));
        var measured = row.Measured is null ? null : Measurement.From(JsonSerializer.Deserialize<JobMeasured>(row.Measured, WireJson.Options)!);
        return new()
        {
            Answers = row.Answers ?? 0,
            Funded = row.WorstMicros is { } worst ? Measurement.Funded(measured, row.BudgetMicros ?? 0, worst) : 0,
            Measured = measured?.Version ?? 0,
            Refused = row.Refused,
            Closed = row.Closed,
            Finished = row.Finished,
            NextAnswersAt = row.Finished || row.Refused ? null : steps.NextAt,
        };
    }

    private sealed record Row
    {
        public required long? Answers { get; init; }
        public required long? BudgetMicros { get; init; }
        public required long? WorstMicros { get; init; }
        public required string? Measured { get; init; }
        public required bool Refused { get; init; }
        public required bool Closed { get; init; }
        public required bool Finished { get; init; }
    }

    private const string SelectProgress = """
        select case when a.shown_at_step <= @Step or m.finished then a.answers else a.answers_before end as answers,
               j.budget_micros, f.worst_micros,
               case when m.shown_at_step <= @Step or m.finished then m.measured else m.measured_before end::text as measured,
               exists (select from job_refusal r where r.job_id = j.job_id) as refused,
               exists (select from job_closure c where c.job_id = j.job_id) as closed,
               coalesce(m.finished, false) as finished
        from job j
        left join job_answers a using (job_id)
        left join job_funding f using (job_id)
        left join job_measurement m using (job_id)
        where j.job_id = @JobId
        """;
}
