using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Marketplace.Platform.Accounts;

/// <summary>
/// Hashes passwords as Identity does, and counts: it is the work by whose time an unknown email could be told from a known one, and the work of whoever guesses.
/// </summary>
internal sealed class CountingHasher(IOptions<PasswordHasherOptions> options) : IPasswordHasher<Account>
{
    /// <summary>The number for operators, and for the test that compares the work.</summary>
    internal const string Hashed = "marketplace.passwords.hashed";

    private static readonly Counter<long> Count = Telemetry.Meter.CreateCounter<long>(Hashed, description: "Passwords hashed: set, or looked at.");

    private readonly PasswordHasher<Account> _hasher = new(options);

    public string HashPassword(Account user, string password)
    {
        Count.Add(1);
        return _hasher.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
    {
        Count.Add(1);
        return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
