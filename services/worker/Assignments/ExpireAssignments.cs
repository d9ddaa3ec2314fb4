using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Ends assignments whose lease is over, so that their tasks come back. It looks around in real time, but what is over the service's clock
/// says. Several copies of the service may sweep at once: the worker's row decides, once.
/// </summary>
internal sealed class ExpireAssignments(
    NpgsqlDataSource database, EndAssignment ending, TimeProvider clock, OutboxSignal outbox, IConfiguration settings, ILogger<ExpireAssignments> logger)
    : BackgroundService
{
    private const int MostAtOnce = 200;
    private readonly StepAside<Guid> aside = new();
    private readonly TimeSpan every = settings.GetValue("Assignments:SweepEvery", TimeSpan.FromSeconds(1));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "The sweep of expired assignments waits");
            }
        }
    }

    /// <summary>Ends all that is over now.</summary>
    internal async Task Sweep(CancellationToken cancel)
    {
        IReadOnlyList<Over> over;
        do
        {
            await using (var connection = await database.OpenConnectionAsync(cancel))
                over = (await connection.QueryAsync<Over>(SelectOver, new { Now = clock.Now(), Aside = aside.Now, MostAtOnce })).AsList();
            foreach (var assignment in over)
                await TryExpire(assignment, cancel);
            if (over.Count > 0)
                outbox.Wake();
        }
        while (over.Count == MostAtOnce);
    }

    /// <summary>One that cannot be ended holds up no other.</summary>
    private async Task TryExpire(Over over, CancellationToken cancel)
    {
        try
        {
            await Expire(over, cancel);
        }
        catch (Exception e) when (StepAside.IsOfTheRow(e))
        {
            aside.Failed(over.AssignmentId);
            logger.LogWarning(e, "The assignment {AssignmentId} cannot be ended; others are", over.AssignmentId);
        }
    }

    private async Task Expire(Over over, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var now = clock.Now();
        var person = await PersonQueries.Lock(over.WorkerId, now, transaction);
        if (person.AssignmentId != over.AssignmentId)
            return;

        var assignment = await connection.QuerySingleAsync<Assignment>(AssignmentQueries.SelectAssignment, over, transaction);
        // However late the sweep comes, after a night with all services down for one: the time that nobody worked is not made longer by it.
        var outcome = await ending.Decide(person, assignment, AssignmentEnd.Expired, Duration.Zero, assignment.ExpiresAt, cancel);
        await EndAssignment.WriteUnsubmitted(outcome, transaction, cancel);
        await transaction.CommitAsync(cancel);
    }

    private sealed record Over
    {
        public required Guid AssignmentId { get; init; }
        public required Guid WorkerId { get; init; }
    }

    // Reads the workers' rows, one a person, rather than keep an index of leases that every claim would have to write.
    private const string SelectOver = """
        select a.assignment_id, a.worker_id
        from worker w
        join assignment a on a.assignment_id = w.assignment_id
        where a.lease_until <= @Now and a.assignment_id <> all(@Aside)
        limit @MostAtOnce
        """;
}
