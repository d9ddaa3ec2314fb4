using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Reads the pay policies that payment has published.</summary>
internal static class PolicyQueries
{
    /// <summary>The policy in force at a moment, or null while none is known.</summary>
    internal static Task<PayPolicy?> InForce(DateTimeOffset now, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel) =>
        Read(SelectInForce, new { Now = now }, connection, transaction, cancel);

    /// <summary>The policy of this version.</summary>
    internal static Task<PayPolicy?> OfVersion(int version, NpgsqlConnection connection, CancellationToken cancel) =>
        Read(SelectVersion, new { Version = version }, connection, null, cancel);

    /// <summary>Asks for the floor that the foot of every page says.</summary>
    internal static FloorInForce FloorInForce(IServiceProvider services) => async cancel =>
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancel);
        var policy = await InForce(services.GetRequiredService<TimeProvider>().Now(), connection, null, cancel);
        return policy?.FloorPerHour.Micros;
    };

    private static async Task<PayPolicy?> Read(
        string select, object parameters, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel)
    {
        var policy = await connection.QuerySingleOrDefaultAsync<string>(
            new CommandDefinition(select, parameters, transaction, cancellationToken: cancel));
        return policy is null ? null : PayPolicy.From(JsonSerializer.Deserialize<PayPolicyAdopted>(policy, WireJson.Options)!);
    }

    // Where a clock went back before the first policy, that one is in force.
    private const string SelectInForce = """
        select policy::text
        from pay_policy
        order by in_force_from <= @Now desc, case when in_force_from <= @Now then version else -version end desc
        limit 1
        """;

    private const string SelectVersion = """
        select policy::text
        from pay_policy
        where version = @Version
        """;
}
