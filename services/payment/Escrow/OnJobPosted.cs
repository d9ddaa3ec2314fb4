using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Policy;
using Marketplace.PayRule;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Payment.Escrow;

/// <summary>
/// A job asks for its money. The pay rule resolves its terms under the policy now in force, or refuses them and says what would be
/// accepted. Heard again, it is answered again from what is stored.
/// </summary>
internal sealed class OnJobPosted(NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, OutboxSignal signal)
    : IConsumer<JobPosted>
{
    public Task Consume(ConsumeContext<JobPosted> context) => Handle(context.Message, context.CancellationToken);

    internal async Task Handle(JobPosted posted, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var policy = await PolicyQueries.InForce(connection, clock.Now(), transaction)
            ?? throw new InvalidOperationException("No pay policy is in force.");
        await connection.ExecuteAsync(InsertJob, Row(posted, policy), transaction);
        await FundJob.Handle(posted.JobId, transaction, clock.Now(), currency.Code, cancel);

        await transaction.CommitAsync(cancel);
        signal.Wake();
    }

    private object Row(JobPosted posted, PayPolicy policy)
    {
        var decision = JobTerms.Resolve(
            policy,
            new Money(posted.RewardMicros),
            posted.EstimateMs is { } estimate ? new Duration(estimate) : null,
            posted.TimeLimitMs is { } limit ? new Duration(limit) : null,
            posted.InstructionWords);
        var terms = decision.Terms;

        return new
        {
            posted.JobId,
            posted.RequesterId,
            posted.RequesterName,
            posted.Title,
            posted.PostedAt,
            posted.TermsVersion,
            RewardMicros = terms?.Reward.Micros,
            EstimateMs = terms?.Estimate.Ms,
            LimitMs = terms?.Limit.Ms,
            ReadingMs = terms?.Reading.Ms,
            PolicyVersion = terms?.Policy.Version,
            WorstMicros = terms?.Worst.Micros,
            RefusedWhy = decision.Refusal?.Why(currency.Code),
            posted.BudgetMicros,
        };
    }

    // What a raise or the count of claims left before is kept; a job that is posted is not posted again.
    private const string InsertJob = """
        insert into job as j (job_id, requester_id, requester_name, title, posted_at, terms_version, reward_micros, estimate_ms, limit_ms,
          reading_ms, policy_version, worst_micros, refused_why, budget_total_micros)
        values (@JobId, @RequesterId, @RequesterName, @Title, @PostedAt, @TermsVersion, @RewardMicros, @EstimateMs, @LimitMs,
          @ReadingMs, @PolicyVersion, @WorstMicros, @RefusedWhy, @BudgetMicros)
        on conflict (job_id) do update
        set requester_id = excluded.requester_id,
            requester_name = excluded.requester_name,
            title = excluded.title,
            posted_at = excluded.posted_at,
            terms_version = excluded.terms_version,
            reward_micros = excluded.reward_micros,
            estimate_ms = excluded.estimate_ms,
            limit_ms = excluded.limit_ms,
            reading_ms = excluded.reading_ms,
            policy_version = excluded.policy_version,
            worst_micros = excluded.worst_micros,
            refused_why = excluded.refused_why,
            budget_total_micros = greatest(j.budget_total_micros, excluded.budget_total_micros)
        where j.posted_at is null
        """;
}
