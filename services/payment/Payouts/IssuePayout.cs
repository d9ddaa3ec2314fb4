using System.Security.Claims;
using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Payouts;

/// <summary>A worker cashes out: whole cents leave the balance at once and are on their way; the rest of a cent stays.</summary>
internal static class IssuePayout
{
    /// <param name="AmountMicros">Whole cents, at most the balance.</param>
    /// <param name="Destination">The account to pay to; none: the sandbox's first.</param>
    internal sealed record Request(long AmountMicros, string? Destination = null);

    /// <summary>What was issued; the ledger's entry is found at /ledger/entries/PUBLICKEY once it is public.</summary>
    internal sealed record Response(
        Guid PayoutId, string PublicKey, long AmountMicros, string Currency, string Rail, bool PlayMoney, string State, DateTimeOffset IssuedAt);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator(IPaymentRail rail)
        {
            RuleFor(r => r.AmountMicros)
                .GreaterThanOrEqualTo(AddDeposit.MicrosPerCent)
                .WithMessage("Cash out at least 0.01.")
                .Must(a => a % AddDeposit.MicrosPerCent == 0)
                .WithMessage("Whole cents only: the rest stays on your balance.");
            RuleFor(r => r.Destination)
                .Must(d => d is null || rail.Refuses(d) is null)
                .WithMessage(r => rail.Refuses(r.Destination!));
        }
    }

    internal static async Task<IResult> Handle(
        Request request, HttpContext http, ClaimsPrincipal user, CashDesk desk, CancellationToken cancel)
    {
        var (done, refused) = await Issue(user.Id(), request, Idempotency.KeyOf(http.Request), desk, cancel);
        return refused is not null ? refused.ToProblem() : TypedResults.Created("/ledger/payouts", done);
    }

    /// <summary>Issues the payout once for each key, from the worker's own balance. The request has passed its validator.</summary>
    internal static async Task<(Response? Done, Refusal? Refused)> Issue(
        Guid worker, Request request, string? key, CashDesk desk, CancellationToken cancel)
    {
        if (key is null)
            return (null, Refusal.NoKey);

        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var known = await Idempotency.Find(worker, key, Idempotency.HashOf("/ledger/cash-out", request), transaction, cancel);
        if (known.Conflict)
            return (null, Refusal.KeyUsed);
        if (known.Response is { } first)
            return (JsonSerializer.Deserialize<Response>(first, WireJson.Options), null);

        var head = await PostEntries.Lock(transaction, desk.Clock.Now(), desk.Currency.Code);
        var payable = Account.Payable(worker);
        var balance = -((await PostEntries.Balances(transaction, [payable])).GetValueOrDefault(payable.Name)?.BalanceMicros ?? 0);
        if (request.AmountMicros > balance)
            return (null, TooMuch(balance, desk.Currency.Code));

        var payout = new Payout
        {
            PayoutId = Guid.CreateVersion7(),
            WorkerId = worker,
            Rail = desk.Rail.Name,
            Destination = request.Destination ?? SandboxRail.DefaultAccount,
            AmountMicros = request.AmountMicros,
            IssuedAt = head.At,
        };
        await Book(payout, head, transaction, cancel);
        var response = new Response(
            payout.PayoutId, Convert.ToHexStringLower(Ledger.PublicKey.Of(head.Secret, Entry.PayoutKey(payout.PayoutId, EntryKind.PayoutIssued))), payout.AmountMicros, head.Currency, payout.Rail, desk.Rail.IsPlayMoney, PayoutStep.Issued.State, head.At);
        await Idempotency.Save(worker, key, response, transaction, cancel);
        await transaction.CommitAsync(cancel);
        desk.Signal.Wake();
        return (response, null);
    }

    /// <summary>Books the payout as issued, in the caller's transaction; the settling loop goes on with it.</summary>
    internal static async Task Book(Payout payout, LedgerHead head, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await transaction.Connection!.ExecuteAsync(InsertPayout, payout, transaction);
        await TakeStep.Handle(payout, PayoutStep.Issued, null, head, transaction, cancel);
        await transaction.Connection!.ExecuteAsync(InsertOpenPayout, new { payout.PayoutId }, transaction);
    }

    private static Refusal TooMuch(long balanceMicros, string currency)
    {
        var most = balanceMicros / AddDeposit.MicrosPerCent * AddDeposit.MicrosPerCent;
        var most2 = FormattableString.Invariant($"{most / 1_000_000m:0.00} {currency}");
        return new(409, "That is more than your balance", $"You can cash out up to {most2}.", "amountMicros");
    }

    private const string InsertPayout = """
        insert into payout (payout_id, worker_id, rail, destination, amount_micros, issued_at)
        values (@PayoutId, @WorkerId, @Rail, @Destination, @AmountMicros, @IssuedAt)
        """;

    // Asked in real time, as all loops.
    private const string InsertOpenPayout = """
        insert into payout_open (payout_id, ask_at)
        values (@PayoutId, clock_timestamp())
        """;
}
