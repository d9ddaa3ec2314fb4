using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Keeps why payment cannot fund a job; the first word is final. The money comes back as a credit.</summary>
internal sealed class OnJobRefused(NpgsqlDataSource database, TimeProvider clock) : IConsumer<JobRefused>
{
    public async Task Consume(ConsumeContext<JobRefused> context)
    {
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            InsertRefusal,
            new { context.Message.JobId, context.Message.Why, Now = clock.Now() },
            cancellationToken: context.CancellationToken));
    }

    private const string InsertRefusal = """
        insert into job_refusal (job_id, why, heard_at)
        values (@JobId, @Why, @Now)
        on conflict (job_id) do nothing
        """;
}
