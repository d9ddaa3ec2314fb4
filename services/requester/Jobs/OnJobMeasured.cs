using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Keeps what a job's work took and paid as a whole: the largest version heard, and the one before it, which is seen until the step.</summary>
internal sealed class OnJobMeasured(NpgsqlDataSource database, PublicationSteps steps, TimeProvider clock) : IConsumer<JobMeasured>
{
    public async Task Consume(ConsumeContext<JobMeasured> context)
    {
        var measured = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            UpsertMeasurement,
            new
            {
                measured.JobId,
                measured.Version,
                measured.Finished,
                Measured = JsonSerializer.Serialize(measured, WireJson.Options),
                Now = clock.Now(),
                Step = await steps.Next(connection, context.CancellationToken),
            },
            cancellationToken: context.CancellationToken));
    }

    private const string UpsertMeasurement = """
        insert into job_measurement (job_id, version, finished, measured, heard_at, shown_at_step)
        values (@JobId, @Version, @Finished, @Measured::jsonb, @Now, @Step)
        on conflict (job_id) do update
        set version = excluded.version,
            finished = excluded.finished,
            measured = excluded.measured,
            heard_at = excluded.heard_at,
            shown_at_step = greatest(job_measurement.shown_at_step, excluded.shown_at_step),
            measured_before = case
              when excluded.shown_at_step > job_measurement.shown_at_step then job_measurement.measured
              else job_measurement.measured_before
            end
        where job_measurement.version < excluded.version
        """;
}
