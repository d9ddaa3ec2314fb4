using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// Tells the workers' side the tasks of posted jobs, straight from the task table: a cursor on the job is advanced once the
/// broker has confirmed what lies before it. A feeder that dies repeats what it had not noted; a task is known by its number.
/// </summary>
internal sealed class FeedTasks(NpgsqlDataSource database, IBus bus, ILogger<FeedTasks> logger) : BackgroundService
{
    /// <summary>The most tasks of one event.</summary>
    internal const int MostTasks = 500;

    /// <summary>The most bytes of one event's inputs, unless one task alone has more.</summary>
    internal const int MostBytes = 1_000_000;

    /// <summary>How many tasks are on their way at once.</summary>
    private const int MostInFlight = 8 * MostTasks;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly StepAside<Guid> _aside = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await FeedOnce(stoppingToken))
                    await Task.Delay(Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Tasks wait: a job's cannot be read, or the broker or the database does not answer");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    /// <summary>Feeds the next tasks of one job; false where there is nothing to feed.</summary>
    internal async Task<bool> FeedOnce(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await connection.QuerySingleOrDefaultAsync<JobRow>(new CommandDefinition(LockJob, new { Aside = _aside.Now }, transaction, cancellationToken: cancel)) is not { } job)
            return false;

        var events = await NextEvents(job, connection, transaction, cancel);

        // Shorter than the server's limit for an idle transaction: a broker that is away costs a retry, not a connection.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        await Task.WhenAll(events.Select(e => bus.Publish(e, Messaging.Mandatory, patience.Token)));

        await connection.ExecuteAsync(new CommandDefinition(
            UpdateCursor, new { job.JobId, Fed = job.Fed + events.Sum(e => e.Inputs.Length) }, transaction, cancellationToken: CancellationToken.None));
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    /// <summary>Cuts inputs into events of at most <see cref="MostTasks"/> tasks and <see cref="MostBytes"/> bytes each.</summary>
    internal static List<TaskPosted> Cut(Guid jobId, int wanted, int first, IReadOnlyList<string> inputs)
    {
        var events = new List<TaskPosted>();
        for (var start = 0; start < inputs.Count;)
        {
            var (end, bytes) = (start, 0L);
            while (end < inputs.Count && end - start < MostTasks)
            {
                bytes += System.Text.Encoding.UTF8.GetByteCount(inputs[end]);
                if (bytes > MostBytes && end > start)
                    break;
                end++;
            }

            events.Add(new TaskPosted
            {
                JobId = jobId,
                FirstNumber = first + start,
                Wanted = wanted,
                Inputs = inputs.Skip(start).Take(end - start).Select(Element).ToArray(),
            });
            start = end;
        }

        return events;
    }

    /// <summary>The next tasks of the job; a job that fails here steps aside for the others.</summary>
    private async Task<List<TaskPosted>> NextEvents(JobRow job, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        try
        {
            var inputs = await ReadInputs(job, connection, transaction, cancel);
            return inputs.Count > 0
                ? Cut(job.JobId, job.Wanted, job.Fed + 1, inputs)
                : throw new InvalidOperationException($"The job {job.JobId} says {job.Tasks} tasks, and there is none after {job.Fed}.");
        }
        catch (Exception e) when (StepAside.IsOfTheRow(e))
        {
            _aside.Failed(job.JobId);
            throw;
        }
    }

    private static JsonElement Element(string input) => JsonElement.Parse(input);

    /// <summary>As many of the next tasks as are worth some events, and no more than memory likes.</summary>
    private static async Task<List<string>> ReadInputs(JobRow job, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var inputs = new List<string>(MostInFlight);
        var bytes = 0L;
        var rows = connection.QueryUnbufferedAsync<string>(
            SelectInputs, new { job.JobId, job.Fed, job.ImageColumn, MostInFlight }, transaction);
        await foreach (var input in rows.WithCancellation(cancel))
        {
            inputs.Add(input);
            bytes += input.Length;
            if (bytes >= 8L * MostBytes)
                break;
        }

        return inputs;
    }

    private sealed record JobRow
    {
        public required Guid JobId { get; init; }
        public required int Wanted { get; init; }
        public required int Tasks { get; init; }
        public required int Fed { get; init; }
        public required string? ImageColumn { get; init; }
    }

    // Walks job_to_feed. Several copies of the service feed different jobs.
    private const string LockJob = """
        select j.job_id, j.wanted, j.tasks, j.fed, j.image_column
        from job j
        where j.posted_at is not null and j.fed < j.tasks and j.job_id <> all(@Aside)
          and not exists (select from job_closure c where c.job_id = j.job_id)
          and not exists (select from job_refusal r where r.job_id = j.job_id)
        order by j.job_id
        limit 1
        for update of j skip locked
        """;

    // A worker's page shows only images of ours: the file's name becomes the address of its content.
    private const string SelectInputs = """
        select case
            when i.hash is null then t.input
            else jsonb_set(t.input, array[@ImageColumn::text], to_jsonb('/media/' || encode(i.hash, 'hex')))
          end::text
        from task t
        left join job_image i on i.job_id = t.job_id and i.name = t.input ->> @ImageColumn::text
        where t.job_id = @JobId and t.number > @Fed
        order by t.number
        limit @MostInFlight
        """;

    private const string UpdateCursor = """
        update job
        set fed = @Fed
        where job_id = @JobId
        """;
}
