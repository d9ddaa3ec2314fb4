using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>
/// Keeps the largest number of claims that a job's money allows, and opens as many slots. A busy job is funded anew with each of payment's
/// batches: of those that wait here only the largest counts, and the job is locked only where a slot waits for the money.
/// </summary>
internal sealed class OnJobFunded(NpgsqlDataSource database) : BatchConsumer<JobFunded>
{
    protected override async Task Handle(IReadOnlyList<JobFunded> events, CancellationToken cancel)
    {
        // In one order in every batch, so that two copies of the service do not lock each other out.
        foreach (var job in events.GroupBy(m => m.JobId).Select(m => m.MaxBy(funded => funded.Funded)!).OrderBy(m => m.JobId))
        {
            await using (var connection = await database.OpenConnectionAsync(cancel))
            {
                if (!await connection.ExecuteScalarAsync<bool>(UpsertFunding, new { job.JobId, job.Funded, job.WorstMicros, job.PolicyVersion }))
                    continue;
            }

            await OpenSlots.Handle(job.JobId, database, cancel);
        }
    }

    // Whoever makes a slot wait looks at the money afterwards, under the job's lock: one that is not seen here yet sees this.
    private const string UpsertFunding = """
        insert into job (job_id, funded, worst_micros, policy_version)
        values (@JobId, @Funded, @WorstMicros, @PolicyVersion)
        on conflict (job_id) do update
        set funded = greatest(job.funded, excluded.funded),
            worst_micros = coalesce(job.worst_micros, excluded.worst_micros),
            policy_version = coalesce(job.policy_version, excluded.policy_version);

        select exists (select 1 from task where job_id = @JobId and unopened > 0)
        """;
}
