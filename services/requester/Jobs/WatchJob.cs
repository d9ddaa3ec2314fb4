using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>
/// Says while somebody looks on that a job has changed: how many answers are in, how many claims its money allows, and
/// where it is in its life.
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
    }

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    internal static async Task<IResult> Handle(
        Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobQueries.Find(jobId, user.Id(), connection, cancel) is null)
            return JobQueries.NotThere();
        return TypedResults.ServerSentEvents(Changes(jobId, database, lifetime.ApplicationStopping, cancel));
    }

    private static async IAsyncEnumerable<SseItem<Progress>> Changes(
        Guid jobId, NpgsqlDataSource database, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancel)
    {
        Progress? last = null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping);
        while (!cancel.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            var now = await Read(jobId, database, cancel);
            if (now != last)
                yield return new(now);
            last = now;
            await Task.Delay(Every, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<Progress> Read(Guid jobId, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<Progress>(new CommandDefinition(SelectProgress, new { JobId = jobId }, cancellationToken: cancel));
    }

    private const string SelectProgress = """
        select coalesce((select answers from job_answers where job_id = @JobId), 0) as answers,
               coalesce((select funded from job_funding where job_id = @JobId), 0) as funded,
               coalesce((select version from job_measurement where job_id = @JobId), 0) as measured,
               exists (select from job_refusal where job_id = @JobId) as refused,
               exists (select from job_closure where job_id = @JobId) as closed,
               exists (select from job_measurement where job_id = @JobId and finished) as finished
        """;
}
