using System.Globalization;

namespace Marketplace.Platform.Accounts;

/// <summary>What pages and programs are told in the same words.</summary>
internal static class Words
{
    internal const string EmailTaken = "This email has an account already. Sign in with it, or use another email";

    /// <summary>The same for an email that nobody has: whether it has an account is nobody's business.</summary>
    internal const string Mismatch = "Email and password do not belong together. Look at both and try again";

    internal const string Wrong = "This is not the password of this account. Try again";

    internal static string Rests(DateTimeOffset until) =>
        string.Create(CultureInfo.InvariantCulture, $"This email was tried too often, so sign-in rests for {Math.Max(1, (int)Math.Ceiling((until - DateTimeOffset.UtcNow).TotalMinutes))} minutes. Whoever is signed in stays signed in");
}
