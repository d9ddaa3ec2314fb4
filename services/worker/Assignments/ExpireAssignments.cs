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
    /// <summary>
    /// So many people are looked at in one go, and the next ones a moment later: a second's work stays small however many there are. Where they
    /// are a million an end comes up to two minutes late, which nobody's pay depends on.
    /// </summary>
    private const int PeopleAtOnce = 10_000;

    private readonly StepAside<Guid> aside = new();
    private readonly TimeSpan every = settings.GetValue("Assignments:SweepEvery", TimeSpan.FromSeconds(1));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every);
        var after = Guid.Empty;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                after = await SweepAfter(after, stoppingToken);
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
        var after = Guid.Empty;
        do
            after = await SweepAfter(after, cancel);
        while (after != Guid.Empty);
    }

    /// <summary>Ends what is over of the people that come next.</summary>
    /// <returns>The last of them; <see cref="Guid.Empty"/> where it begins anew.</returns>
    private async Task<Guid> SweepAfter(Guid after, CancellationToken cancel)
    {
        Looked looked;
        await using (var connection = await database.OpenConnectionAsync(cancel))
            looked = await connection.QuerySingleAsync<Looked>(new CommandDefinition(
                SelectOver, new { After = after, Now = clock.Now(), Aside = aside.Now, PeopleAtOnce }, cancellationToken: cancel));
        foreach (var over in looked.Workers.Zip(looked.Assignments, (worker, assignment) => new Over(assignment, worker)))
            await TryExpire(over, cancel);
        if (looked.Workers.Length > 0)
            outbox.Wake();
        return looked.Last ?? Guid.Empty;
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

    private sealed record Over(Guid AssignmentId, Guid WorkerId);

    /// <summary>What is over, and the last person who was looked at; nobody where there are no more.</summary>
    private sealed record Looked
    {
        public required Guid? Last { get; init; }
        public required Guid[] Workers { get; init; }
        public required Guid[] Assignments { get; init; }
    }

    // Walks worker_pkey, and looks up what a person holds: an index of leases, or of who holds something, every submit would have to write.
    private const string SelectOver = """
        with looked as materialized (
          select worker_id, assignment_id
          from worker
          where worker_id > @After
          order by worker_id
          limit @PeopleAtOnce
        ),
        due as (
          select looked.worker_id, looked.assignment_id
          from looked
          cross join lateral (
            select lease_until
            from assignment
            where assignment_id = looked.assignment_id
            offset 0) held
          where looked.assignment_id is not null
            and looked.assignment_id <> all(@Aside)
            and held.lease_until <= @Now
        )
        select
          (select worker_id from looked offset @PeopleAtOnce - 1) as last,
          array(select worker_id from due order by worker_id) as workers,
          array(select assignment_id from due order by worker_id) as assignments
        """;
}
