using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Platform.Accounts;

/// <summary>
/// Somebody who can sign in. One that does not exist is treated like one that does: it has the hash of a password that nobody knows, and tries at it are counted, so
/// that neither words nor time tell which emails have an account.
/// </summary>
internal sealed class Account
{
    /// <summary>The empty id is nobody's.</summary>
    public Guid AccountId { get; init; }
    public required string Email { get; init; }
    public string Name { get; set; } = "";
    public string? PasswordHash { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Tries since the last right password. Kept by email, whether it has an account or not.</summary>
    public int Tries { get; set; }
    public DateTimeOffset? LockedUntil { get; set; }

    /// <summary>What tries are counted under: people also type passwords into the wrong field, so what was typed is not kept.</summary>
    public byte[] EmailHash => SHA256.HashData(Encoding.UTF8.GetBytes(Email.Trim().ToLowerInvariant()));
}
