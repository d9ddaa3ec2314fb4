using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Payment.Escrow;

/// <summary>A job takes no more claims: once as many ends are settled as claims were made, what is left of its budget returns.</summary>
internal sealed class OnJobClaimsClosed(NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, OutboxSignal signal)
    : IConsumer<JobClaimsClosed>
{
    public Task Consume(ConsumeContext<JobClaimsClosed> context) => Handle(context.Message, context.CancellationToken);

    internal async Task Handle(JobClaimsClosed closed, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var claims = await connection.ExecuteScalarAsync<long>(UpsertJob, closed, transaction);
        if (claims != closed.Claims)
            throw new InvalidOperationException($"Job {closed.JobId}: Claims was {claims} when it closed, now {closed.Claims}.");

        await FundJob.Handle(closed.JobId, transaction, clock.Now(), currency.Code, cancel);
        await transaction.CommitAsync(cancel);
        signal.Wake();
    }

    private const string UpsertJob = """
        insert into job as j (job_id, claims)
        values (@JobId, @Claims)
        on conflict (job_id) do update
        set claims = coalesce(j.claims, excluded.claims)
        returning claims
        """;
}
