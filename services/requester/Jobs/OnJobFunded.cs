using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Keeps how many claims each job's money allows: the largest number heard.</summary>
internal sealed class OnJobFunded(NpgsqlDataSource database, TimeProvider clock) : BatchConsumer<JobFunded>
{
    protected override async Task Handle(IReadOnlyList<JobFunded> events, CancellationToken cancel)
    {
        // One row a job, in the order of ids: two copies of the service lock in the same order.
        var largest = events.GroupBy(m => m.JobId).Select(g => g.MaxBy(m => m.Funded)!).ToArray();
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            UpsertFunding,
            new
            {
                JobIds = largest.Select(m => m.JobId).ToArray(),
                Funded = largest.Select(m => m.Funded).ToArray(),
                Worst = largest.Select(m => m.WorstMicros).ToArray(),
                Versions = largest.Select(m => m.PolicyVersion).ToArray(),
                Now = clock.Now(),
            },
            cancellationToken: cancel));
    }

    private const string UpsertFunding = """
        insert into job_funding (job_id, funded, worst_micros, policy_version, first_heard_at)
        select job_id, funded, worst, version, @Now
        from unnest(@JobIds, @Funded, @Worst, @Versions) as f (job_id, funded, worst, version)
        order by job_id
        on conflict (job_id) do update
        set funded = excluded.funded
        where job_funding.funded < excluded.funded
        """;
}
