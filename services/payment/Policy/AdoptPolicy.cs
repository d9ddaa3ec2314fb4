using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.PayRule;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Policy;

/// <summary>
/// Adopts a pay policy: a new version, an entry of the ledger, and news for all services. Jobs that are funded keep the version they
/// have. Until members vote it is done on the command line (<see cref="PolicyCommands"/>).
/// </summary>
internal static class AdoptPolicy
{
    /// <summary>Adopts what <paramref name="change"/> makes of the last policy; the version is given here.</summary>
    /// <returns>The policy adopted, or the parameters that cannot be.</returns>
    internal static async Task<(PayPolicy? Adopted, IReadOnlyList<WrongParameter> Wrong)> Handle(
        Func<PayPolicy, PayPolicy> change, NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var head = await PostEntries.Lock(transaction, clock.Now(), currency.Code);

        var before = await PolicyQueries.All(connection, transaction);
        var version = before.Count + 1;
        var basis = (before.Count > 0 ? before[^1] : null) ?? PayPolicy.Default(version, clock.Now());
        var policy = change(basis with { InForceFrom = clock.Now() }) with { Version = version };
        if (policy.Validate() is { Count: > 0 } wrong)
            return (null, wrong);

        await Adopt(policy, head, transaction, cancel);
        await transaction.CommitAsync(cancel);
        return (policy, []);
    }

    private static async Task Adopt(PayPolicy policy, LedgerHead head, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        head = await PostEntries.Post(transaction, head, [Entry.PolicyAdopted(policy.Version)]);

        var adopted = policy.ToEvent();
        var row = new DynamicParameters(adopted);
        row.Add("EntryNumber", head.LastNumber);
        row.Add("AdoptedAt", head.At);
        await transaction.Connection!.ExecuteAsync(InsertPolicy, row, transaction);
        await Outbox.Add(adopted, transaction, cancel);
    }

    /// <summary>At each start: the first policy where there is none, and all policies once more for services that missed them.</summary>
    internal sealed class AtStart(NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, ILogger<AtStart> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Database.Insist(Announce, logger, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task Announce(CancellationToken cancellationToken)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

            var policies = await PolicyQueries.All(connection, transaction);
            if (policies.Count == 0)
            {
                // Another copy may start at this moment: the lock decides which of the two adopts it.
                var head = await PostEntries.Lock(transaction, clock.Now(), currency.Code);
                policies = await PolicyQueries.All(connection, transaction);
                if (policies.Count == 0)
                    await Adopt(PayPolicy.Default(1, head.At), head, transaction, cancellationToken);
            }

            await Outbox.AddRange([.. policies.Select(p => p.ToEvent())], transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private const string InsertPolicy = """
        insert into policy (version, entry_number, adopted_at, in_force_from, floor_micros_per_hour, fee_bps, levy_bps, limit_least_ms,
          limit_factor, reading_per_word_ms, reading_most_ms, lease_least_ms, earliest_submit_divisor, idle_least_ms, idle_most_ms,
          allowance_base_ms, allowance_share_bps, grace_ms, most_credited_in24h_ms, price_sample, price_workers, price_band_bps,
          price_step_bps, job_life_ms)
        values (@Version, @EntryNumber, @AdoptedAt, @InForceFrom, @FloorMicrosPerHour, @FeeBps, @LevyBps, @LimitLeastMs,
          @LimitFactor, @ReadingPerWordMs, @ReadingMostMs, @LeaseLeastMs, @EarliestSubmitDivisor, @IdleLeastMs, @IdleMostMs,
          @AllowanceBaseMs, @AllowanceShareBps, @GraceMs, @MostCreditedIn24hMs, @PriceSample, @PriceWorkers, @PriceBandBps,
          @PriceStepBps, @JobLifeMs)
        """;
}
