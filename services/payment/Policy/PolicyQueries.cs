using Dapper;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Npgsql;

namespace Marketplace.Payment.Policy;

/// <summary>The pay policies that were ever adopted.</summary>
internal static class PolicyQueries
{
    /// <summary>
    /// The newest policy that is in force at this moment. A clock that went back before the first finds that one: there was none other. Null
    /// where none was ever adopted.
    /// </summary>
    internal static async Task<PayPolicy?> InForce(NpgsqlConnection connection, DateTimeOffset now, NpgsqlTransaction? transaction = null)
    {
        var all = await All(connection, transaction);
        return all.LastOrDefault(p => p.InForceFrom <= now) ?? (all.Count > 0 ? all[0] : null);
    }

    /// <summary>All policies, oldest first. They are few: one for each decision of the members.</summary>
    internal static async Task<IReadOnlyList<PayPolicy>> All(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        var rows = await connection.QueryAsync<PayPolicyAdopted>(SelectPolicies, null, transaction);
        return [.. rows.Select(PayPolicy.From)];
    }

    internal const string SelectPolicies = """
        select version, in_force_from, floor_micros_per_hour, fee_bps, levy_bps, limit_least_ms, limit_factor, reading_per_word_ms,
          reading_most_ms, lease_least_ms, earliest_submit_divisor, idle_least_ms, idle_most_ms, allowance_base_ms, allowance_share_bps,
          grace_ms, most_credited_in24h_ms, price_sample, price_workers, price_band_bps, price_step_bps, job_life_ms
        from policy
        order by version
        """;
}
