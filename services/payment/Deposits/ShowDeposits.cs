using System.Globalization;
using Dapper;
using FluentValidation;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Marketplace.Payment.Deposits;

/// <summary>A requester's money that is not set aside for a job: what it is, what moved it, and the form to add to it.</summary>
[Authorize(Policy = Platform.SignIn.RequesterPolicy)]
internal sealed class ShowDeposits(CashDesk desk, ReadAccountNames accounts, IValidator<AddDeposit.Request> validator) : PageModel
{
    private const int OnAPage = 25;

    public long BalanceMicros { get; private set; }

    public IReadOnlyList<Move> Moves { get; private set; } = [];

    /// <summary>How many of the newest moves the next page leaves out; null on the last.</summary>
    public int? OlderAfter { get; private set; }

    public bool IsPlayMoney => desk.Rail.IsPlayMoney;

    public string Amount { get; private set; } = "";

    public string Key { get; private set; } = "";

    /// <summary>The deposit that was just made.</summary>
    public Move? Added { get; private set; }

    public async Task<IActionResult> OnGetAsync(int? after, string? added, CancellationToken cancel)
    {
        await Load(Math.Max(0, after ?? 0), cancel);
        Added = Moves.FirstOrDefault(m => m.PublicKey == added && m.Kind == EntryKind.Deposit);
        return Request.WantsJson()
            ? new JsonResult(new { currency = desk.Currency.Code, balanceMicros = BalanceMicros, moves = Moves, olderAfter = OlderAfter })
            : Page();
    }

    public async Task<IActionResult> OnPostAsync(string? amount, CancellationToken cancel)
    {
        if (!MoneyText.TryParse(amount, CultureInfo.CurrentCulture, out var micros))
            return await Again(amount, "Write the amount as a number with at most two decimals, such as 200.00.", cancel);

        var request = new AddDeposit.Request(micros);
        if (await validator.ValidateAsync(request, cancel) is { IsValid: false } wrong)
            return await Again(amount, wrong.Errors[0].ErrorMessage, cancel);

        var (done, refused) = await AddDeposit.Add(User.Id(), request, Idempotency.KeyOf(Request), desk, cancel);
        return refused is not null
            ? await Again(amount, refused.Detail, cancel, refused.Status)
            : Redirect($"/ledger/deposits?added={done!.PublicKey}");
    }

    private async Task<IActionResult> Again(string? amount, string why, CancellationToken cancel, int status = 400)
    {
        ModelState.Clear();
        ModelState.AddModelError("amount", why);
        Amount = amount ?? "";
        Response.StatusCode = status;
        await Load(0, cancel);
        return Page();
    }

    private async Task Load(int after, CancellationToken cancel)
    {
        Key = Guid.NewGuid().ToString("N");
        var mine = new { Requester = User.Id(), Currency = desk.Currency.Code, After = after, Take = OnAPage + 1 };
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        BalanceMicros = await connection.QueryFirstOrDefaultAsync<long>(new CommandDefinition(SelectBalance, mine, cancellationToken: cancel));
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(SelectMoves, mine, cancellationToken: cancel))).ToList();
        var secret = await accounts.Secret(connection, cancel);
        Moves = [.. rows.Take(OnAPage).Select(r => r.ToMove(secret))];
        OlderAfter = rows.Count > OnAPage ? after + OnAPage : null;
    }

    /// <summary>One entry that moved the deposit: in is positive.</summary>
    internal sealed record Move
    {
        /// <summary>The entry's public key. Its number is that of its publication; the order in which it was booked is shown to nobody.</summary>
        public required string PublicKey { get; init; }
        public required string Kind { get; init; }
        /// <summary>When it was booked; of what a job gave back the hour, since it is booked with the job's last end.</summary>
        public required DateTimeOffset At { get; init; }
        public required string? JobTitle { get; init; }
        public required string? Rail { get; init; }
        public required long AmountMicros { get; init; }
    }

    private sealed record Row
    {
        public required string Key { get; init; }
        public required string Kind { get; init; }
        public required DateTimeOffset At { get; init; }
        public required string? JobTitle { get; init; }
        public required string? Rail { get; init; }
        public required long AmountMicros { get; init; }

        internal Move ToMove(byte[] secret) => new()
        {
            PublicKey = Convert.ToHexStringLower(Ledger.PublicKey.Of(secret, Key)), Kind = Kind, At = Kind == EntryKind.EscrowReturned ? PublicEntry.Shown(Kind, 0, At) : At, JobTitle = JobTitle, Rail = Rail, AmountMicros = AmountMicros,
        };
    }

    private const string SelectBalance = """
        select -balance_micros
        from account
        where kind = 'deposit' and requester_id = @Requester and currency = @Currency
        """;

    // Index posting_account.
    private const string SelectMoves = """
        select e.key, e.kind, e.at, j.title as job_title, d.rail, -p.amount_micros as amount_micros
        from posting p
        join entry e on e.number = p.entry_number
        left join job j on j.job_id = e.job_id
        left join deposit d on d.entry_number = p.entry_number
        where p.account_id = (
            select account_id
            from account
            where kind = 'deposit' and requester_id = @Requester and currency = @Currency)
        order by p.entry_number desc
        offset @After
        limit @Take
        """;
}
