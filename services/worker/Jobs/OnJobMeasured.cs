using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Keeps the latest of what a job's assignments took and paid.</summary>
internal sealed class OnJobMeasured(NpgsqlDataSource database) : IConsumer<JobMeasured>
{
    public async Task Consume(ConsumeContext<JobMeasured> context)
    {
        var job = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(
            UpsertMeasures, new { job.JobId, job.Version, job.MeasuredMs, Measured = JsonSerializer.Serialize(job, WireJson.Options) });
    }

    private const string UpsertMeasures = """
        insert into job (job_id, measured, measured_version, measured_ms)
        values (@JobId, @Measured::jsonb, @Version, @MeasuredMs)
        on conflict (job_id) do update
        set measured = excluded.measured,
            measured_version = excluded.measured_version,
            measured_ms = excluded.measured_ms
        where excluded.measured_version > job.measured_version
        """;
}
