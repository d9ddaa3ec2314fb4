using System.Security.Cryptography;
using FluentValidation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;

namespace Marketplace.Platform.Accounts;

/// <summary>Signs somebody in by email and password. An unknown email gets the same words after the same work as a wrong password, and rests after as many tries.</summary>
public static class EnterPassword
{
    /// <summary>What a person gives.</summary>
    public sealed record Request
    {
        public string? Email { get; init; }
        public string? Password { get; init; }
    }

    /// <summary>Who came in; or nobody, and until when the email rests if it was tried too often.</summary>
    internal sealed record Outcome(Account? Account, DateTimeOffset? RestsUntil);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Email).NotEmpty().WithMessage("Write your email").MaximumLength(254).WithMessage("This is too long for an email")
                .Must(e => e?.Any(char.IsControl) != true).WithMessage("Write the email without control characters");
            RuleFor(r => r.Password).NotEmpty().WithMessage("Write your password").MaximumLength(200).WithMessage("This is too long for a password");
        }
    }

    internal static async Task<Outcome> Handle(Request request, UserManager<Account> accounts)
    {
        var account = (await accounts.FindByNameAsync(request.Email!.Trim()))!;
        var nobodys = Nobodys.Value; // Read for everybody: whoever comes first pays for it.
        account.PasswordHash ??= nobodys;
        if (await accounts.IsLockedOutAsync(account))
        {
            accounts.Logger.LogWarning("A sign-in at {Tried} was refused: it rests until {Until:O}", Tried(account), account.LockedUntil);
            return new Outcome(null, account.LockedUntil);
        }

        // Counted before it is looked at, so that tries side by side cannot outrun the count.
        await accounts.AccessFailedAsync(account);
        var lockedUntil = account.LockedUntil;
        if (!await accounts.CheckPasswordAsync(account, OpenAccount.Canonical(request.Password!)) || account.AccountId == Guid.Empty)
        {
            accounts.Logger.LogWarning("A sign-in at {Tried} was refused: email and password do not belong together", Tried(account));
            return new Outcome(null, lockedUntil);
        }

        account.LockedUntil = null;
        await accounts.ResetAccessFailedCountAsync(account);
        await accounts.UpdateAsync(account);
        accounts.Logger.LogInformation("Account {AccountId} gave its password, tried as {Tried}", account.AccountId, Tried(account));
        return new Outcome(account, null);
    }

    /// <summary>Tells tries at one email from those at others in a log that names nobody: people also type passwords into the wrong field.</summary>
    private static string Tried(Account account) => Convert.ToHexStringLower(account.EmailHash)[..12];

    /// <summary>The hash of a password that nobody knows.</summary>
    private static readonly Lazy<string> Nobodys = new(() =>
        new PasswordHasher<Account>(Microsoft.Extensions.Options.Options.Create(AccountsEndpoints.Hashing)).HashPassword(new Account { Email = "" }, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
}
