using System.Security.Cryptography;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Payouts;

/// <summary>Books a step of a payout: the entry, the step and the news of it, in the caller's transaction.</summary>
internal static class TakeStep
{
    /// <returns>The entry's number, or null where a step of that rank was taken before: then nothing is done.</returns>
    internal static async Task<long?> Handle(
        Payout payout, PayoutStep step, string? why, LedgerHead head, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var key = Entry.PayoutKey(payout.PayoutId, step.EntryKind);
        if ((await PostEntries.Find(transaction, key)).Count > 0)
            return null;

        var mark = new WorkerMark(payout.WorkerId, RandomNumberGenerator.GetBytes(Commitment.SaltBytes));
        var entry = Entry.PayoutStep(payout.PayoutId, step.EntryKind, payout.Rail, mark, new Money(payout.AmountMicros));
        head = await PostEntries.Post(transaction, head, [entry]);

        await transaction.Connection!.ExecuteAsync(
            InsertStep,
            new { payout.PayoutId, step.Rank, step.State, EntryNumber = head.LastNumber, head.At, Why = why },
            transaction);
        var payable = Account.Payable(payout.WorkerId);
        var balance = (await PostEntries.Balances(transaction, [payable]))[payable.Name];
        await Outbox.Add(step.ToEvent(payout, head.LastNumber, head.At, balance), transaction, cancel);
        return head.LastNumber;
    }

    private const string InsertStep = """
        insert into payout_step (payout_id, rank, state, entry_number, at, why)
        values (@PayoutId, @Rank, @State, @EntryNumber, @At, @Why)
        """;
}
