using System.Diagnostics.Metrics;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Tells payment again of ends that it has not settled after a while (<c>Assignments:ResendAfter</c>, 5 minutes): who waits for an answer
/// asks again. The age of a message is real time. The count is a metric that should be 0.
/// </summary>
internal sealed class ResendUnpaid(NpgsqlDataSource database, OutboxSignal outbox, IConfiguration settings, ILogger<ResendUnpaid> logger)
    : BackgroundService
{
    private const int MostAtOnce = 200;
    private static readonly Counter<long> AskedAgain =
        Telemetry.Meter.CreateCounter<long>("marketplace.worker.ends_sent_again", description: "Ends told to payment again because it had not settled them.");

    private readonly TimeSpan after = settings.GetValue("Assignments:ResendAfter", TimeSpan.FromMinutes(5));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromMilliseconds(Math.Clamp(after.TotalMilliseconds / 10, 200, 15_000));
        using var timer = new PeriodicTimer(pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await Resend(stoppingToken) == MostAtOnce)
                {
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Ends that are not settled wait to be told again");
            }
        }
    }

    private async Task<int> Resend(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var rows = (await connection.QueryAsync<Row>(UpdateSent, new { After = after, MostAtOnce }, transaction)).AsList();
        await Outbox.AddRange(rows.Select(ToEvent).ToArray(), transaction, cancel);
        await transaction.CommitAsync(cancel);

        if (rows.Count > 0)
        {
            AskedAgain.Add(rows.Count);
            logger.LogWarning("Told payment again of {Count} ends that it has not settled", rows.Count);
            outbox.Wake();
        }

        return rows.Count;
    }

    internal static TaskCompleted ToEvent(Row row) => new()
    {
        AssignmentId = row.AssignmentId,
        JobId = row.JobId,
        WorkerId = row.WorkerId,
        End = Enum.Parse<AssignmentEnd>(row.End, ignoreCase: true),
        TermsVersion = row.TermsVersion,
        ClaimedAt = row.ClaimedAt,
        EndedAt = row.EndedAt,
        ActiveMs = row.ActiveMs,
        UnseenMs = row.UnseenMs,
        AllowanceLeftMs = row.AllowanceLeftMs,
        FirstOfJob = row.FirstOfJob,
    };

    /// <summary>An end as payment is told of it.</summary>
    internal sealed record Row
    {
        public required Guid AssignmentId { get; init; }
        public required Guid JobId { get; init; }
        public required Guid WorkerId { get; init; }
        public required string End { get; init; }
        public required int TermsVersion { get; init; }
        public required DateTimeOffset ClaimedAt { get; init; }
        public required DateTimeOffset EndedAt { get; init; }
        public required long ActiveMs { get; init; }
        public required long UnseenMs { get; init; }
        public required long AllowanceLeftMs { get; init; }
        public required bool FirstOfJob { get; init; }
    }

    // Walks assignment_end_unpaid, which holds next to nothing.
    private const string UpdateSent = """
        with late as (
          select assignment_id
          from assignment_end
          where entry_number is null and sent_at < clock_timestamp() - @After
          order by sent_at
          limit @MostAtOnce
          for no key update skip locked
        )
        update assignment_end e
        set sent_at = clock_timestamp()
        from late, assignment a
        where e.assignment_id = late.assignment_id and a.assignment_id = late.assignment_id
        returning
          e.assignment_id, e.job_id, e.worker_id, e."end", a.terms_version, a.claimed_at, e.ended_at,
          e.active_ms, e.unseen_ms, e.allowance_left_ms, a.first_of_job
        """;
}
