using Dapper;
using Npgsql;

namespace Marketplace.Platform.Accounts;

/// <summary>
/// A sign-in that lasts: 30 days from the password, or until it is revoked. Tokens are issued for it, 15 minutes at a time; a token that is out cannot be called back, so a
/// revoked session ends at its token's end.
/// </summary>
internal sealed class Sessions(NpgsqlDataSource database, TimeProvider clock, SignInTokens tokens, AccountSettings settings)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    internal async Task<RenewedSignIn> Start(Account account, CancellationToken cancel)
    {
        var now = clock.Now();
        var session = new { SessionId = Guid.CreateVersion7(now), account.AccountId, Now = now, ExpiresAt = now + Lifetime };
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(InsertSession, session);
        return Issue(account.AccountId, account.Name, session.SessionId, now, session.ExpiresAt);
    }

    /// <summary>A new token for a session, or null when it is over.</summary>
    internal Task<RenewedSignIn?> Renew(Guid sessionId, CancellationToken cancel) => Touch(sessionId, isConfirmed: false, cancel);

    /// <summary>The same after the password was given again.</summary>
    internal Task<RenewedSignIn?> Confirm(Guid sessionId, CancellationToken cancel) => Touch(sessionId, isConfirmed: true, cancel);

    internal async Task Revoke(Guid sessionId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(RevokeSession, new { SessionId = sessionId, Now = clock.Now() });
    }

    /// <summary>Ends the account's sessions but the one it was asked from. How many there were.</summary>
    internal async Task<int> RevokeOthers(Guid accountId, Guid sessionId, CancellationToken cancel)
    {
        var now = clock.Now();
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(RevokeOtherSessions, new { AccountId = accountId, SessionId = sessionId, Now = now });
    }

    private async Task<RenewedSignIn?> Touch(Guid sessionId, bool isConfirmed, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(RenewSession, new { SessionId = sessionId, IsConfirmed = isConfirmed, Now = clock.Now() });
        return row is null ? null : Issue(row.AccountId, row.Name, sessionId, row.ConfirmedAt, row.ExpiresAt);
    }

    private RenewedSignIn Issue(Guid accountId, string name, Guid sessionId, DateTimeOffset confirmedAt, DateTimeOffset expiresAt) =>
        new(tokens.Issue(accountId, settings.NameIsPublic ? name : "", sessionId, confirmedAt), expiresAt);

    private sealed record Row
    {
        public required Guid AccountId { get; init; }
        public required string Name { get; init; }
        public required DateTimeOffset ConfirmedAt { get; init; }
        public required DateTimeOffset ExpiresAt { get; init; }
    }

    private const string InsertSession = """
        insert into session (session_id, account_id, created_at, confirmed_at, renewed_at, expires_at)
        values (@SessionId, @AccountId, @Now, @Now, @Now, @ExpiresAt)
        """;

    private const string RenewSession = """
        update session s
        set renewed_at = @Now,
            confirmed_at = case when @IsConfirmed then @Now else s.confirmed_at end
        from account a
        where s.session_id = @SessionId
          and a.account_id = s.account_id
          and s.revoked_at is null
          and s.expires_at > @Now
        returning s.account_id, a.name, s.confirmed_at, s.expires_at
        """;

    private const string RevokeSession = """
        update session
        set revoked_at = @Now
        where session_id = @SessionId and revoked_at is null
        """;

    // Uses the index session_account.
    private const string RevokeOtherSessions = """
        update session
        set revoked_at = @Now
        where account_id = @AccountId and session_id <> @SessionId and revoked_at is null and expires_at > @Now
        """;
}
