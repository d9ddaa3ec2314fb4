using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Deposits;

/// <summary>A requester pays in: the money is theirs to set aside for jobs as soon as it is booked.</summary>
internal static class AddDeposit
{
    /// <summary>The most of one deposit: 1,000,000 units of currency.</summary>
    internal const long MostMicros = 1_000_000_000_000;

    internal const long MicrosPerCent = 10_000;

    internal sealed record Request(long AmountMicros);

    /// <summary>What was booked; the ledger's entry is found at /ledger/entries/PUBLICKEY once it is public.</summary>
    internal sealed record Response(string PublicKey, long AmountMicros, long CreditedTotalMicros, string Currency, string Rail, bool PlayMoney);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() =>
            RuleFor(r => r.AmountMicros)
                .InclusiveBetween(MicrosPerCent, MostMicros)
                .WithMessage("Pay in from 0.01 to 1,000,000.00.")
                .Must(a => a % MicrosPerCent == 0)
                .WithMessage("Whole cents only.");
    }

    internal static async Task<IResult> Handle(
        Request request, HttpContext http, ClaimsPrincipal user, CashDesk desk, CancellationToken cancel)
    {
        var (done, refused) = await Add(user.Id(), request, Idempotency.KeyOf(http.Request), desk, cancel);
        return refused is not null ? refused.ToProblem() : TypedResults.Created($"/ledger/entries/{done!.PublicKey}", done);
    }

    /// <summary>Books the deposit once for each key. The request has passed its validator.</summary>
    internal static async Task<(Response? Done, Refusal? Refused)> Add(
        Guid requester, Request request, string? key, CashDesk desk, CancellationToken cancel)
    {
        if (key is null)
            return (null, Refusal.NoKey);

        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var known = await Idempotency.Find(requester, key, Idempotency.HashOf("/ledger/deposits", request), transaction, cancel);
        if (known.Conflict)
            return (null, Refusal.KeyUsed);
        if (known.Response is { } first)
            return (JsonSerializer.Deserialize<Response>(first, WireJson.Options), null);

        var amount = new Money(request.AmountMicros);
        var reference = Reference(requester, key, amount);
        await desk.Rail.Collect(reference, requester, amount, cancel);

        var (entry, total) = await Book(reference, requester, amount, desk, transaction, cancel);
        var response = new Response(
            entry, request.AmountMicros, total.CreditedTotalMicros, desk.Currency.Code, desk.Rail.Name, desk.Rail.IsPlayMoney);
        await Idempotency.Save(requester, key, response, transaction, cancel);
        await transaction.CommitAsync(cancel);
        desk.Signal.Wake();
        return (response, null);
    }

    /// <summary>
    /// The rail's name of the deposit: always the same for a requester's key and amount, so that what is asked of the rail again, after an answer
    /// that was lost on the way, is the same movement of money.
    /// </summary>
    internal static string Reference(Guid requester, string key, Money amount)
    {
        var named = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{requester}\n{amount.Micros}\n{key}")));
        return new Guid(named.AsSpan(0, 16), bigEndian: true).ToString();
    }

    /// <summary>Books money that has arrived under a reference of the rail's, in the caller's transaction; what is booked before stays as it is.</summary>
    /// <returns>The entry's public key, and all that was ever credited.</returns>
    internal static async Task<(string Entry, DepositCredited Total)> Book(
        string reference, Guid requester, Money amount, CashDesk desk, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var head = await PostEntries.Lock(transaction, desk.Clock.Now(), desk.Currency.Code);
        var entry = Entry.Deposited(desk.Rail.Name, reference, requester, amount);
        var name = Convert.ToHexStringLower(PublicKey.Of(head.Secret, entry.Key));
        if ((await PostEntries.Find(transaction, entry.Key)).Count > 0)
            return (name, await Credited(requester, transaction));

        head = await PostEntries.Post(transaction, head, [entry]);
        var total = await Credited(requester, transaction);
        await transaction.Connection!.ExecuteAsync(
            InsertDeposit,
            new { EntryNumber = head.LastNumber, RequesterId = requester, Rail = desk.Rail.Name, Reference = reference, AmountMicros = amount.Micros, head.At },
            transaction);
        await Outbox.Add(total, transaction, cancel);
        return (name, total);
    }

    /// <summary>All that was ever credited to a requester's deposit, releases of escrow among it; read under the ledger's lock.</summary>
    internal static async Task<DepositCredited> Credited(Guid requester, NpgsqlTransaction transaction)
    {
        var account = Account.Deposit(requester);
        var balances = await PostEntries.Balances(transaction, [account]);
        return new DepositCredited { RequesterId = requester, CreditedTotalMicros = balances.GetValueOrDefault(account.Name)?.CreditsMicros ?? 0 };
    }

    private const string InsertDeposit = """
        insert into deposit (entry_number, requester_id, rail, reference, amount_micros, at)
        values (@EntryNumber, @RequesterId, @Rail, @Reference, @AmountMicros, @At)
        """;
}
