using Dapper;
using Marketplace.Contracts;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Keeps the largest number of claims that a job's money allows, and opens as many slots.</summary>
internal sealed class OnJobFunded(NpgsqlDataSource database) : IConsumer<JobFunded>
{
    public async Task Consume(ConsumeContext<JobFunded> context)
    {
        var job = context.Message;
        await using (var connection = await database.OpenConnectionAsync(context.CancellationToken))
            await connection.ExecuteAsync(UpsertFunding, new { job.JobId, job.Funded, job.WorstMicros, job.PolicyVersion });

        await OpenSlots.Handle(job.JobId, database, context.CancellationToken);
    }

    private const string UpsertFunding = """
        insert into job (job_id, funded, worst_micros, policy_version)
        values (@JobId, @Funded, @WorstMicros, @PolicyVersion)
        on conflict (job_id) do update
        set funded = greatest(job.funded, excluded.funded),
            worst_micros = coalesce(job.worst_micros, excluded.worst_micros),
            policy_version = coalesce(job.policy_version, excluded.policy_version)
        """;
}
