using System.Globalization;
using System.Text;
using FluentValidation;
using Microsoft.AspNetCore.Identity;

namespace Marketplace.Platform.Accounts;

/// <summary>Opens an account and signs its owner in.</summary>
public static class OpenAccount
{
    /// <summary>What a person gives.</summary>
    public sealed record Request
    {
        public string? Name { get; init; }
        public string? Email { get; init; }
        public string? Password { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.Name).Cascade(CascadeMode.Stop)
                .NotEmpty().WithMessage("Write a name of your choice")
                .MaximumLength(80).WithMessage("Write a name of at most 80 characters")
                .Must(IsWritable).WithMessage("Write the name without control characters");
            RuleFor(r => r.Email).Cascade(CascadeMode.Stop)
                .Must(IsEmail).WithMessage("Write the email with an @, like mail@example.org");
            RuleFor(r => r.Password).Cascade(CascadeMode.Stop)
                .Must(p => p is { Length: >= 10 }).WithMessage("Choose a password of at least 10 characters; a few words are fine")
                .MaximumLength(200).WithMessage("Choose a password of at most 200 characters")
                .Must((r, p) => !IsTheEmail(p!, r.Email)).WithMessage("Choose a password that is not your email")
                .Must(p => !PasswordBlocklist.Holds(p!)).WithMessage("Many people use this password, so it is tried first; choose another");
        }

        internal static bool IsTheEmail(string password, string? email) =>
            email is { Length: > 0 } && (password.Contains(email.Trim(), StringComparison.OrdinalIgnoreCase) || password.Equals(email.Split('@')[0].Trim(), StringComparison.OrdinalIgnoreCase));

        private static bool IsWritable(string? name) =>
            name!.All(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) || c is '\u200c' or '\u200d');

        private static bool IsEmail(string? email)
        {
            var parts = (email ?? "").Trim().Split('@');
            return parts is [{ Length: > 0 }, { Length: > 0 }] && email!.Length <= 254 && !email.Trim().Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
        }
    }

    /// <summary>The account's first session, or null where the email has an account already. Both take the same work.</summary>
    internal static async Task<RenewedSignIn?> Handle(Request request, UserManager<Account> accounts, Sessions sessions, TimeProvider clock, CancellationToken cancel)
    {
        var now = clock.Now();
        var account = new Account
        {
            AccountId = Guid.CreateVersion7(now),
            Email = request.Email!.Trim(),
            Name = request.Name!.Trim().Normalize(),
            CreatedAt = now,
        };
        var created = await accounts.CreateAsync(account, Canonical(request.Password!));
        return created.Succeeded ? await sessions.Start(account, cancel) : null;
    }

    /// <summary>The same password from every keyboard (NIST SP 800-63B, 3.1.1.2).</summary>
    internal static string Canonical(string password) => password.Normalize(NormalizationForm.FormKC);
}
