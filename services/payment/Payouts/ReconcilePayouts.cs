using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Payouts;

/// <summary>
/// Payouts on hold, and the way out. After a restore the ledger may know less than the rail: so nothing is released until every payout that
/// the rail knows of is in the ledger, and nothing contradicts. A payout keeps its id for ever, and a rail pays an id once.
/// </summary>
internal static class ReconcilePayouts
{
    /// <summary>How far before the hold the statement begins, where nobody says.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromDays(30);

    /// <summary>Money that came in a moment ago may be about to be booked by who asked for it.</summary>
    private static readonly TimeSpan BookingTakes = TimeSpan.FromMinutes(1);

    /// <summary>Holds all payouts from now on. One that is being handed over at this moment still goes.</summary>
    internal static async Task Hold(string why, CashDesk desk, CancellationToken cancel)
    {
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(InsertHold, new { Why = why, HeldAt = desk.Clock.GetUtcNow() }, cancellationToken: cancel));
    }

    /// <summary>Why payouts are on hold, in the words of who put them there; null where they are not.</summary>
    internal static Task<string?> WhyOnHold(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QueryFirstOrDefaultAsync<string?>(new CommandDefinition(SelectWhyOnHold, cancellationToken: cancel));

    /// <summary>Compares, books deposits that arrived and are not booked, and lifts every hold where nothing differs.</summary>
    /// <exception cref="InvalidOperationException">Payouts are not on hold, so that they move while we compare.</exception>
    internal static async Task<Reconciliation> Handle(DateTimeOffset? since, CashDesk desk, CancellationToken cancel)
    {
        var now = desk.Clock.GetUtcNow();
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        var held = await connection.ExecuteScalarAsync<DateTime?>(SelectHeldAt)
            ?? throw new InvalidOperationException($"Payouts are not on hold, so they move while we compare: {PayoutCommands.Hold} first.");
        var from = since ?? new DateTimeOffset(held, TimeSpan.Zero) - Before;
        var statement = await desk.Rail.Statement(from, cancel);
        var references = statement.Select(m => m.Reference).OfType<string>().ToArray();
        var payouts = statement.Select(m => m.PayoutId).OfType<Guid>().ToArray();
        var booked = (await connection.QueryAsync<Row>(SelectPayouts, new { Rail = desk.Rail.Name, Since = from, Payouts = payouts })).AsList();
        var deposits = (await connection.QueryAsync<string>(SelectDeposits, new { Rail = desk.Rail.Name, References = references })).ToHashSet();
        var issuedAt = booked.ToDictionary(r => r.PayoutId, r => r.IssuedAt);
        var result = Reconciliation.Of(statement, [.. booked.Select(r => r.Payout())], deposits, from, p => issuedAt[p.PayoutId]);

        foreach (var deposit in result.UnbookedDeposits.Where(d => d.At <= now - BookingTakes))
            await Book(deposit, desk, cancel);
        if (result.Differences.Count == 0)
            await connection.ExecuteAsync(new CommandDefinition(UpdateHolds, new { Now = now, From = held }, cancellationToken: cancel));
        return result;
    }

    /// <summary>Books a payout that the rail made and the ledger lost, under the id that it has, from the balance of the worker it went to.</summary>
    /// <returns>Why it cannot be, or null where it is done.</returns>
    internal static async Task<string?> BookLost(Guid payoutId, Guid worker, CashDesk desk, CancellationToken cancel)
    {
        var statement = await desk.Rail.Statement(DateTimeOffset.MinValue, cancel);
        if (statement.FirstOrDefault(m => m.PayoutId == payoutId) is not { State: not RailState.Failed } paid)
            return $"The rail has made no payout {payoutId}.";

        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var head = await PostEntries.Lock(transaction, desk.Clock.Now(), desk.Currency.Code);
        if ((await PostEntries.Find(transaction, Entry.PayoutKey(payoutId, EntryKind.PayoutIssued))).Count > 0)
            return $"The ledger knows payout {payoutId}.";

        var payable = Account.Payable(worker);
        var balance = -((await PostEntries.Balances(transaction, [payable])).GetValueOrDefault(payable.Name)?.BalanceMicros ?? 0);
        if (paid.AmountMicros > balance)
            return FormattableString.Invariant($"Worker {worker} has {balance / 1_000_000m:0.00}, and the payout is of {paid.AmountMicros / 1_000_000m:0.00}.");

        var payout = new Payout
        {
            PayoutId = payoutId, WorkerId = worker, Rail = desk.Rail.Name, Destination = paid.Destination!, AmountMicros = paid.AmountMicros, IssuedAt = head.At,
        };
        await IssuePayout.Book(payout, head, transaction, cancel);
        await transaction.CommitAsync(cancel);
        return null;
    }

    private static async Task Book(RailMovement deposit, CashDesk desk, CancellationToken cancel)
    {
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await AddDeposit.Book(deposit.Reference!, deposit.RequesterId!.Value, new Money(deposit.AmountMicros), desk, transaction, cancel);
        await transaction.CommitAsync(cancel);
    }

    private sealed record Row
    {
        public required Guid PayoutId { get; init; }
        public required string Destination { get; init; }
        public required long AmountMicros { get; init; }
        public required DateTimeOffset IssuedAt { get; init; }
        public required string State { get; init; }
        public required bool IsOpen { get; init; }

        internal BookedPayout Payout() => new()
        {
            PayoutId = PayoutId, Destination = Destination, AmountMicros = AmountMicros, State = State, IsOpen = IsOpen,
        };
    }

    private const string InsertHold = """
        insert into payout_hold (held_at, why)
        values (@HeldAt, @Why)
        """;

    private const string SelectWhyOnHold = """
        select why
        from payout_hold
        where lifted_at is null
        order by held_at desc
        limit 1
        """;

    private const string SelectHeldAt = """
        select max(held_at)
        from payout_hold
        where lifted_at is null
        """;

    // A hold set while we compared is another matter.
    private const string UpdateHolds = """
        update payout_hold
        set lifted_at = @Now
        where lifted_at is null and held_at <= @From
        """;

    private const string SelectPayouts = """
        select p.payout_id, p.destination, p.amount_micros, p.issued_at, o.payout_id is not null as is_open,
          (select state from payout_step s where s.payout_id = p.payout_id order by rank desc limit 1) as state
        from payout p
        left join payout_open o on o.payout_id = p.payout_id
        where p.rail = @Rail
          and (p.issued_at >= @Since or o.payout_id is not null or p.payout_id = any(@Payouts))
        """;

    private const string SelectDeposits = """
        select reference
        from deposit
        where rail = @Rail and reference = any(@References)
        """;
}
