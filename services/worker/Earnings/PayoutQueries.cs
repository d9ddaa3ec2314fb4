using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>One state in a payout's life. States rank: issued 1, settled or failed 2, returned 3.</summary>
internal sealed record PayoutState(
    Guid PayoutId, Guid WorkerId, string Rail, long AmountMicros, string State, short Rank, DateTimeOffset ChangedAt, long EntryNumber)
{
    public DateTimeOffset? IssuedAt => Rank == 1 ? ChangedAt : null;
}

/// <summary>Follows payouts through their life, whatever comes late or twice.</summary>
internal sealed class PayoutQueries(NpgsqlDataSource database)
{
    /// <summary>Keeps the highest state of the payout and the newest balance of its worker.</summary>
    internal async Task Keep(PayoutState payout, Balance balance, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var writes = new RoundTrip(transaction);
        writes.Add(UpsertPayout, payout);
        BalanceQueries.Keep([balance], writes);
        await writes.Commit(cancel);
    }

    private const string UpsertPayout = """
        insert into payout (payout_id, worker_id, rail, amount_micros, state, rank, issued_at, changed_at, entry_number)
        values (@PayoutId, @WorkerId, @Rail, @AmountMicros, @State, @Rank, @IssuedAt, @ChangedAt, @EntryNumber)
        on conflict (payout_id) do update
        set state = case when excluded.rank > payout.rank then excluded.state else payout.state end,
            changed_at = case when excluded.rank > payout.rank then excluded.changed_at else payout.changed_at end,
            entry_number = case when excluded.rank > payout.rank then excluded.entry_number else payout.entry_number end,
            issued_at = coalesce(payout.issued_at, excluded.issued_at),
            rank = greatest(payout.rank, excluded.rank)
        """;
}
