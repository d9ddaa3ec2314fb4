using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>The pay policies this service has heard of. A version never changes, so each is read once.</summary>
internal sealed class PolicyQueries(NpgsqlDataSource database, TimeProvider clock)
{
    private readonly ConcurrentDictionary<int, PayPolicy> known = new();

    /// <summary>The policy of this version, or null while payment has not announced it.</summary>
    internal async ValueTask<PayPolicy?> Find(int? version, CancellationToken cancel)
    {
        if (version is not { } wanted)
            return null;
        if (known.TryGetValue(wanted, out var policy))
            return policy;

        await using var connection = await database.OpenConnectionAsync(cancel);
        var terms = await connection.ExecuteScalarAsync<string?>(SelectPolicy, new { Version = wanted });
        return terms is null
            ? null
            : known[wanted] = PayPolicy.From(JsonSerializer.Deserialize<PayPolicyAdopted>(terms, WireJson.Options)!);
    }

    /// <summary>The policy in force now; null where none is known.</summary>
    internal async Task<PayPolicy?> InForce(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var version = await connection.ExecuteScalarAsync<int?>(SelectVersion, new { Now = clock.Now() });
        return await Find(version, cancel);
    }

    /// <summary>The floor in force now, in micro-units an hour; null where no policy is known.</summary>
    internal async Task<long?> FloorInForce(CancellationToken cancel) => (await InForce(cancel))?.FloorPerHour.Micros;

    private const string SelectPolicy = """
        select terms::text
        from pay_policy
        where version = @Version
        """;

    // Where a clock went back before the first policy, that one is in force.
    private const string SelectVersion = """
        select version
        from pay_policy
        order by in_force_from <= @Now desc, case when in_force_from <= @Now then version else -version end desc
        limit 1
        """;
}
