using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Tells again, once after the upgrade that brought public ids, every answer that the version before told under the assignment's own id: the requester's
/// row then takes the public one. Straight from the table by a cursor, as tasks are fed, since the outbox would have to hold them all. That version works
/// on for a moment beside this one, so the walk is repeated until one that began an hour later finds nothing. In real time, whatever the clock says.
/// </summary>
internal sealed class TellOldAnswers(NpgsqlDataSource database, IBus bus, ILogger<TellOldAnswers> logger) : BackgroundService
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                while (await TellSome(stoppingToken))
                {
                    // To the end of the walk.
                }

                if (await IsDone(stoppingToken))
                    return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Answers wait to be told again: the broker or the database does not answer");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Looks at the next ends; false at the end of a walk, before the next one, and while another copy of the service is at it.</summary>
    private async Task<bool> TellSome(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(LockCursor, null, transaction, cancellationToken: cancel)) is not { } after)
            return false;

        var last = await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            SelectLast, new { After = after, MostAtOnce }, transaction, cancellationToken: cancel));
        // Kept before they are told, so that what is told again after a crash is told under the same ids.
        await using (var giving = await database.OpenConnectionAsync(cancel))
            await giving.ExecuteAsync(new CommandDefinition(GiveIds, new { After = after, Last = last }, cancellationToken: cancel));
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            SelectOld, new { After = after, Last = last }, transaction, cancellationToken: cancel));
        var old = rows.Select(row => (row.AssignmentId, Event: TryToEvent(row))).Where(o => o.Event is not null).ToArray();

        // Shorter than the server's limit for an idle transaction: a broker that is away costs a retry, not a connection.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        await Task.WhenAll(old.Select(o => bus.Publish(o.Event!, Messaging.Mandatory, patience.Token)));

        if (old.Length > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                UpdateTold, new { Ids = old.Select(o => o.AssignmentId).ToArray() }, transaction, cancellationToken: CancellationToken.None));
        }

        await connection.ExecuteAsync(new CommandDefinition(
            last is null ? UpdateWalk : UpdateCursor, new { Last = last, Told = old.Length }, transaction, cancellationToken: CancellationToken.None));
        await transaction.CommitAsync(CancellationToken.None);
        return last is not null;
    }

    /// <summary>An answer that cannot be read is not told, and gets its id from the requester service.</summary>
    private AnswerSubmitted? TryToEvent(Row row)
    {
        try
        {
            return row.ToEvent();
        }
        catch (JsonException e)
        {
            logger.LogWarning(e, "The answer of assignment {AssignmentId} cannot be told again; others are", row.AssignmentId);
            return null;
        }
    }

    private async Task<bool> IsDone(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(SelectDone, cancellationToken: cancel));
    }

    /// <summary>An answer as it is stored, for whoever tells it again.</summary>
    internal sealed record Row
    {
        public required Guid AssignmentId { get; init; }
        public required Guid PublicId { get; init; }
        public required Guid JobId { get; init; }
        public required int TaskNumber { get; init; }
        public required Guid Pseudonym { get; init; }
        public required string Answer { get; init; }
        public required DateTimeOffset EndedAt { get; init; }

        internal AnswerSubmitted ToEvent() => SubmitAnswer.ToEvent(
            PublicId, JobId, TaskNumber, Pseudonym, Assignments.Answer.Read(Answer)
                ?? throw new JsonException($"The stored answer of assignment {AssignmentId} is none."), EndedAt);
    }

    private const string LockCursor = """
        select after_id
        from answer_telling
        where done_at is null and walk_at <= clock_timestamp()
        for update skip locked
        """;

    // Walks assignment_end_pkey.
    private const string SelectLast = """
        select assignment_id
        from assignment_end
        where assignment_id > @After
        order by assignment_id
        offset @MostAtOnce - 1
        limit 1
        """;

    // Walks assignment_end_pkey.
    private const string GiveIds = """
        update assignment a
        set public_id = gen_random_uuid()
        from assignment_end e
        where e.assignment_id > @After and e.assignment_id <= coalesce(@Last, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          and e."end" = 'submitted' and e.public_id is null and a.assignment_id = e.assignment_id and a.public_id is null
        """;

    // Walks assignment_end_pkey. A pseudonym that was erased has nothing to say any more.
    private const string SelectOld = """
        select e.assignment_id, a.public_id, a.job_id, a.number as task_number, p.pseudonym, e.answer::text as answer, e.ended_at
        from assignment_end e
        join assignment a on a.assignment_id = e.assignment_id
        join job j on j.job_id = a.job_id
        join pseudonym p on p.worker_id = a.worker_id and p.requester_id = j.requester_id
        where e.assignment_id > @After and e.assignment_id <= coalesce(@Last, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          and e."end" = 'submitted' and e.public_id is null
        """;

    private const string UpdateTold = """
        update assignment_end e
        set public_id = a.public_id
        from assignment a
        where e.assignment_id = any(@Ids) and a.assignment_id = e.assignment_id
        """;

    private const string UpdateCursor = """
        update answer_telling
        set after_id = @Last,
            told = told + @Told
        """;

    private const string UpdateWalk = """
        update answer_telling
        set done_at = case when told + @Told = 0 and walk_at >= begun_at + interval '1 hour' then clock_timestamp() end,
            walk_at = clock_timestamp() + interval '10 minutes',
            after_id = '00000000-0000-0000-0000-000000000000',
            told = 0
        """;

    private const string SelectDone = """
        select done_at is not null
        from answer_telling
        """;
}
