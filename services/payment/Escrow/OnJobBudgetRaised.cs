using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Payment.Escrow;

/// <summary>A job's budget grew to a total. The largest total counts, whichever comes first.</summary>
internal sealed class OnJobBudgetRaised(NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, OutboxSignal signal)
    : IConsumer<JobBudgetRaised>
{
    public Task Consume(ConsumeContext<JobBudgetRaised> context) => Handle(context.Message, context.CancellationToken);

    internal async Task Handle(JobBudgetRaised raised, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var requester = await connection.ExecuteScalarAsync<Guid>(UpsertJob, raised, transaction);
        if (requester != raised.RequesterId)
            throw new InvalidOperationException($"Job {raised.JobId}: RequesterId is {requester}, the raise says {raised.RequesterId}.");

        await FundJob.Handle(raised.JobId, transaction, clock.Now(), currency.Code, cancel);
        await transaction.CommitAsync(cancel);
        signal.Wake();
    }

    private const string UpsertJob = """
        insert into job as j (job_id, requester_id, budget_total_micros)
        values (@JobId, @RequesterId, @BudgetTotalMicros)
        on conflict (job_id) do update
        set budget_total_micros = greatest(j.budget_total_micros, excluded.budget_total_micros),
            requester_id = coalesce(j.requester_id, excluded.requester_id)
        returning requester_id
        """;
}
