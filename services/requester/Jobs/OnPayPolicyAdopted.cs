using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Keeps each pay policy under its version; the first word on a version stands.</summary>
internal sealed class OnPayPolicyAdopted(NpgsqlDataSource database) : IConsumer<PayPolicyAdopted>
{
    public async Task Consume(ConsumeContext<PayPolicyAdopted> context)
    {
        var adopted = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            InsertPolicy,
            new { adopted.Version, adopted.InForceFrom, Policy = JsonSerializer.Serialize(adopted, WireJson.Options) },
            cancellationToken: context.CancellationToken));
    }

    private const string InsertPolicy = """
        insert into pay_policy (version, in_force_from, policy)
        values (@Version, @InForceFrom, @Policy::jsonb)
        on conflict (version) do nothing
        """;
}
