using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Keeps each version of the pay policy as it was first announced.</summary>
internal sealed class OnPayPolicyAdopted(NpgsqlDataSource database) : IConsumer<PayPolicyAdopted>
{
    public async Task Consume(ConsumeContext<PayPolicyAdopted> context)
    {
        var policy = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(
            InsertPolicy, new { policy.Version, policy.InForceFrom, Terms = JsonSerializer.Serialize(policy, WireJson.Options) });
    }

    private const string InsertPolicy = """
        insert into pay_policy (version, in_force_from, terms)
        values (@Version, @InForceFrom, @Terms::jsonb)
        on conflict (version) do nothing
        """;
}
