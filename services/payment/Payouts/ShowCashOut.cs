using System.Globalization;
using Dapper;
using FluentValidation;
using Marketplace.Payment.Deposits;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Marketplace.Payment.Payouts;

/// <summary>
/// Cashing out in two steps: how much and where to, then the button that says exactly that. The first step is an address
/// (<c>?amount=38.42</c>), so that a form on another service's page can lead here.
/// </summary>
[Authorize(Policy = Platform.SignIn.FreshWorkerPolicy)]
internal sealed class ShowCashOut(CashDesk desk, IValidator<IssuePayout.Request> validator) : PageModel
{
    public long BalanceMicros { get; private set; }

    public long MostMicros => BalanceMicros / AddDeposit.MicrosPerCent * AddDeposit.MicrosPerCent;

    public bool IsPlayMoney => desk.Rail.IsPlayMoney;

    public string Amount { get; private set; } = "";

    public string Destination { get; private set; } = "";

    public string Key { get; private set; } = "";

    /// <summary>What the second step asks to confirm; null in the first.</summary>
    public IssuePayout.Request? Asked { get; private set; }

    public async Task OnGetAsync(string? amount, string? destination, CancellationToken cancel)
    {
        await Load(amount, destination, cancel);
        if (amount is null)
            return;

        if (!MoneyText.TryParse(amount, CultureInfo.CurrentCulture, out var micros))
            Refuse("amount", "Write the amount as a number with at most two decimals, such as 38.42.", 400);
        else if (micros > BalanceMicros)
            Refuse("amount", $"You can cash out up to {MoneyText.Balance(MostMicros, CultureInfo.CurrentCulture)} {desk.Currency.Code}.", 409);
        else
            await Check(new IssuePayout.Request(micros, Destination), cancel);
    }

    public async Task<IActionResult> OnPostAsync(long amountMicros, string? destination, CancellationToken cancel)
    {
        ModelState.Clear();
        var request = new IssuePayout.Request(amountMicros, string.IsNullOrWhiteSpace(destination) ? null : destination.Trim());
        await Load(MoneyText.Typed(amountMicros, CultureInfo.CurrentCulture), request.Destination, cancel);
        await Check(request, cancel);
        if (!ModelState.IsValid)
            return Page();

        var (done, refused) = await IssuePayout.Issue(User.Id(), request, Idempotency.KeyOf(Request), desk, cancel);
        if (refused is null)
            return Redirect($"/ledger/payouts?issued={done!.PayoutId}");

        Asked = null;
        Refuse("amount", refused.Detail, refused.Status);
        return Page();
    }

    private async Task Check(IssuePayout.Request request, CancellationToken cancel)
    {
        var result = await validator.ValidateAsync(request, cancel);
        foreach (var error in result.Errors)
            Refuse(error.PropertyName == nameof(request.AmountMicros) ? "amount" : "destination", error.ErrorMessage, 400);
        Asked = result.IsValid ? request : null;
    }

    private void Refuse(string field, string why, int status)
    {
        ModelState.AddModelError(field, why);
        Response.StatusCode = status;
    }

    private async Task Load(string? amount, string? destination, CancellationToken cancel)
    {
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        var mine = new { Worker = User.Id(), Currency = desk.Currency.Code };
        BalanceMicros = await connection.QueryFirstOrDefaultAsync<long>(
            new CommandDefinition(PayoutQueries.SelectBalance, mine, cancellationToken: cancel));
        Amount = amount ?? (MostMicros > 0 ? MoneyText.Typed(MostMicros, CultureInfo.CurrentCulture) : "");
        Destination = string.IsNullOrWhiteSpace(destination) ? SandboxRail.DefaultAccount : destination.Trim();
        Key = Guid.NewGuid().ToString("N");
    }
}
