using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>Ends of assignments arrive: a batch is one transaction.</summary>
internal sealed class OnTaskCompleted(NpgsqlDataSource database, TimeProvider clock, LedgerCurrency currency, OutboxSignal signal)
    : BatchConsumer<TaskCompleted>
{
    protected override async Task Handle(IReadOnlyList<TaskCompleted> events, CancellationToken cancel)
    {
        while (!await TrySettle(events, cancel))
        {
            // A job of theirs was posted meanwhile, and is there now.
        }

        signal.Wake();
    }

    private async Task<bool> TrySettle(IReadOnlyList<TaskCompleted> events, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await SettleEnds.Handle(events, transaction, clock.Now(), currency.Code, cancel) is not { } writes)
            return false;

        await writes.Commit(cancel);
        return true;
    }
}
