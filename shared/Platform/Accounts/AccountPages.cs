using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Platform.Accounts;

/// <summary>Opens an account: <c>/sign-up</c>. What was typed stays when something has to be corrected, but for the password.</summary>
[AllowAnonymous, EnableRateLimiting(AccountsEndpoints.PerAddress)]
public sealed class SignUpPage : PageModel
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Email { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Back { get; set; }

    /// <summary>Keeps the way back on the link to the neighbouring page.</summary>
    public string Query => Back is null ? "" : "?back=" + Uri.EscapeDataString(Back);

    public async Task<IActionResult> OnPostAsync(CancellationToken cancel)
    {
        var request = new OpenAccount.Request { Name = Name, Email = Email, Password = Password };
        if (!this.Accepts(request)) return Page();
        if (await OpenAccount.Handle(request, this.The<UserManager<Account>>(), this.The<Sessions>(), this.The<TimeProvider>(), cancel) is { } opened)
            return this.Enter(opened, Back);
        ModelState.AddModelError(nameof(Email), Words.EmailTaken);
        return Page();
    }
}

/// <summary>Signs in by password: <c>/sign-in</c>. Whoever is signed in already goes on to where they wanted.</summary>
[AllowAnonymous, EnableRateLimiting(AccountsEndpoints.PerAddress)]
public sealed class SignInPage : PageModel
{
    [BindProperty]
    public string? Email { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Back { get; set; }

    /// <summary>Keeps the way back on the link to the neighbouring page.</summary>
    public string Query => Back is null ? "" : "?back=" + Uri.EscapeDataString(Back);

    public async Task<IActionResult> OnGetAsync()
    {
        var settings = this.The<AccountSettings>();
        return (await HttpContext.AuthenticateAsync(settings.Issuer)).Succeeded ? LocalRedirect(SignInPaths.Back(Back, settings.Home)) : Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancel)
    {
        var request = new EnterPassword.Request { Email = Email, Password = Password };
        if (!this.Accepts(request)) return Page();
        var outcome = await EnterPassword.Handle(request, this.The<UserManager<Account>>());
        if (outcome.Account is { } account) return this.Enter(await this.The<Sessions>().Start(account, cancel), Back);
        this.Refuse(outcome, nameof(Email));
        return Page();
    }
}

/// <summary>Asks for the password again before money leaves: <c>/sign-in/confirm</c>.</summary>
[EnableRateLimiting(AccountsEndpoints.PerAddress)]
public sealed class ConfirmPage : PageModel
{
    [BindProperty]
    public string? Password { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Back { get; set; }

    /// <summary>Whose password is asked for, so that a browser's key ring offers the right one.</summary>
    public string Email { get; private set; } = "";

    public async Task OnGetAsync() => Email = (await this.Me())?.Email ?? "";

    public async Task<IActionResult> OnPostAsync(CancellationToken cancel)
    {
        if (await this.Me() is not { } me) return this.Leave();
        Email = me.Email;
        var request = new EnterPassword.Request { Email = me.Email, Password = Password };
        if (!this.Accepts(request)) return Page();
        var outcome = await EnterPassword.Handle(request, this.The<UserManager<Account>>());
        if (outcome.Account is null)
        {
            this.Refuse(outcome, nameof(Password));
            return Page();
        }
        return await this.The<Sessions>().Confirm(User.SessionId(), cancel) is { } confirmed ? this.Enter(confirmed, Back) : this.Leave();
    }
}

/// <summary>What we know of the signed-in person, a new password, and the way out: <c>/account</c>.</summary>
[EnableRateLimiting(AccountsEndpoints.PerAddress)]
public sealed class AccountPage : PageModel
{
    [BindProperty]
    public string? Password { get; set; }

    [BindProperty]
    public string? NewPassword { get; set; }

    public string Name { get; private set; } = "";

    public string Email { get; private set; } = "";

    public DateTimeOffset Since { get; private set; }

    /// <summary>What was just done, in a sentence.</summary>
    [TempData]
    public string? Done { get; set; }

    public async Task<IActionResult> OnGetAsync() => await Load() is null ? this.Leave() : Page();

    /// <summary>A new password, for whoever knows the old one; every other session ends.</summary>
    public async Task<IActionResult> OnPostPasswordAsync(CancellationToken cancel)
    {
        if (await Load() is not { } me) return this.Leave();
        var request = new OpenAccount.Request { Name = me.Name, Email = me.Email, Password = NewPassword };
        foreach (var error in this.The<IValidator<OpenAccount.Request>>().Validate(request).Errors) ModelState.AddModelError(nameof(NewPassword), error.ErrorMessage);
        if (!this.Accepts(new EnterPassword.Request { Email = me.Email, Password = Password })) return Page();

        var accounts = this.The<UserManager<Account>>();
        var outcome = await EnterPassword.Handle(new EnterPassword.Request { Email = me.Email, Password = Password }, accounts);
        if (outcome.Account is null)
        {
            this.Refuse(outcome, nameof(Password));
            return Page();
        }
        await accounts.ChangePasswordAsync(outcome.Account, OpenAccount.Canonical(Password!), OpenAccount.Canonical(NewPassword!));
        await this.The<Sessions>().RevokeOthers(me.AccountId, User.SessionId(), cancel);
        Done = "Your new password holds from now on. Other browsers are signed out within 15 minutes.";
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostOthersAsync(CancellationToken cancel)
    {
        var others = await this.The<Sessions>().RevokeOthers(User.Id(), User.SessionId(), cancel);
        Done = others == 0 ? "You are signed in nowhere else." : "Other browsers are signed out within 15 minutes.";
        return RedirectToPage();
    }

    private async Task<Account?> Load()
    {
        var me = await this.Me();
        if (me is not null) (Name, Email, Since) = (me.Name, me.Email, me.CreatedAt);
        return me;
    }
}

/// <summary>What the pages have in common.</summary>
internal static class AccountPageSteps
{
    internal static T The<T>(this PageModel page)
        where T : notnull => page.HttpContext.RequestServices.GetRequiredService<T>();

    internal static async Task<Account?> Me(this PageModel page) => await page.The<UserManager<Account>>().FindByIdAsync(page.User.Id().ToString());

    /// <summary>Puts what a request lacks at its fields.</summary>
    internal static bool Accepts<T>(this PageModel page, T request)
    {
        foreach (var error in page.The<IValidator<T>>().Validate(request).Errors) page.ModelState.AddModelError(error.PropertyName, error.ErrorMessage);
        return page.ModelState.IsValid;
    }

    internal static void Refuse(this PageModel page, EnterPassword.Outcome outcome, string field)
    {
        var words = outcome.RestsUntil is { } until ? Words.Rests(until) : page is SignInPage ? Words.Mismatch : Words.Wrong;
        page.ModelState.AddModelError(field, words);
    }

    internal static IActionResult Enter(this PageModel page, RenewedSignIn signIn, string? back)
    {
        var settings = page.The<AccountSettings>();
        SignIn.SetCookie(page.HttpContext, settings.Issuer, signIn.Token.Token, signIn.SessionEndsAt);
        return page.LocalRedirect(SignInPaths.Back(back, settings.Home));
    }

    /// <summary>The session ended meanwhile, or the account is gone.</summary>
    internal static IActionResult Leave(this PageModel page)
    {
        var settings = page.The<AccountSettings>();
        SignIn.DeleteCookie(page.HttpContext, settings.Issuer);
        return page.LocalRedirect(settings.Root + "/sign-in");
    }
}
