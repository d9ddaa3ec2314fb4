using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Results;

/// <summary>
/// Gives a random id to answers that still have the assignment's own id long after they came: nobody will tell them again, because their worker's
/// pseudonym was erased or their row was lost. The worker service tells all others by itself within the hour of its upgrade, and an answer that is told
/// after this keeps the id it got here, which harms nothing: its key is the job, the task and the pseudonym. In real time, whatever the clock says.
/// </summary>
internal sealed class NameOldAnswers(NpgsqlDataSource database, IConfiguration configuration, ILogger<NameOldAnswers> logger) : BackgroundService
{
    private const int MostAtOnce = 1000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Long enough for the worker service to be upgraded after this one and to tell what it has.</summary>
    private readonly TimeSpan _after = configuration.GetValue("Answers:NameOldAfter", TimeSpan.FromDays(2));

    internal static void AddNumbers(IServiceCollection services) => services.AddSingleton(new StandingNumber(
        "marketplace.requester.old_answer_ids", "{answer}", "Answers that still have the assignment's own id, which tells when it was claimed.", CountOld));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                while (await NameSome(stoppingToken) == MostAtOnce)
                {
                    // Until no more wait than fit in one round.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Answers with an old id wait for another");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<int> NameSome(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            UpdateOld, new { AfterSeconds = _after.TotalSeconds, MostAtOnce }, cancellationToken: cancel));
    }

    // Walks answer_old_id. Copies of the service name different answers.
    private const string UpdateOld = """
        with old as (
          select assignment_id, gen_random_uuid() as answer_id
          from answer
          where answer_id is null and received_at <= clock_timestamp() - @AfterSeconds * interval '1 second'
          order by received_at
          limit @MostAtOnce
          for update skip locked
        )
        update answer
        set assignment_id = old.answer_id,
            answer_id = old.answer_id,
            submitted_at = date_trunc('hour', answer.submitted_at, 'UTC')
        from old
        where answer.assignment_id = old.assignment_id
        """;

    // Walks answer_old_id.
    private const string CountOld = """
        select count(*)
        from answer
        where answer_id is null
        """;
}
