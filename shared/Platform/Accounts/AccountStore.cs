using Dapper;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Marketplace.Platform.Accounts;

/// <summary>
/// Accounts as ASP.NET Core Identity wants them, over our own tables. A try is counted by one statement before the password is looked at, so that many at once count as many.
/// </summary>
internal sealed class AccountStore(NpgsqlDataSource database, TimeProvider clock) : IUserPasswordStore<Account>, IUserLockoutStore<Account>
{
    public async Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(InsertAccount, user) == 1
            ? IdentityResult.Success
            : IdentityResult.Failed(new IdentityErrorDescriber().DuplicateEmail(user.Email));
    }

    public async Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(UpdateAccount, user);
        return IdentityResult.Success;
    }

    public async Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var account = await connection.QuerySingleOrDefaultAsync<Account>(SelectAccountById, new { AccountId = Guid.Parse(userId) });
        return account is null ? null : await WithTries(account, connection);
    }

    /// <summary>The account with this email, or nobody's.</summary>
    public async Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var account = await connection.QuerySingleOrDefaultAsync<Account>(SelectAccountByEmail, new { Email = normalizedUserName });
        return await WithTries(account ?? new Account { Email = normalizedUserName }, connection);
    }

    public async Task<int> IncrementAccessFailedCountAsync(Account user, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return user.Tries = await connection.QuerySingleAsync<int>(UpsertTry, new { user.EmailHash, Now = now, Forgotten = now.AddDays(-1) });
    }

    public Task ResetAccessFailedCountAsync(Account user, CancellationToken cancellationToken)
    {
        user.Tries = 0;
        return Task.CompletedTask;
    }

    public Task SetLockoutEndDateAsync(Account user, DateTimeOffset? lockoutEnd, CancellationToken cancellationToken)
    {
        user.LockedUntil = lockoutEnd?.ToUniversalTime();
        return Task.CompletedTask;
    }

    public Task SetPasswordHashAsync(Account user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<DateTimeOffset?> GetLockoutEndDateAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.LockedUntil);

    public Task<int> GetAccessFailedCountAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Tries);

    public Task<bool> GetLockoutEnabledAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task SetLockoutEnabledAsync(Account user, bool enabled, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> GetPasswordHashAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.AccountId.ToString());

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    /// <summary>The database compares emails without case; what was typed stays as it was typed.</summary>
    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException("An email is not changed yet.");

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException("An account is not deleted yet.");

    public void Dispose()
    {
        // Nothing is held between two calls.
    }

    private static async Task<Account> WithTries(Account account, NpgsqlConnection connection)
    {
        var tries = await connection.QuerySingleOrDefaultAsync<TriesRow>(SelectTries, new { account.EmailHash });
        (account.Tries, account.LockedUntil) = (tries?.Tries ?? 0, tries?.LockedUntil);
        return account;
    }

    private sealed record TriesRow
    {
        public required int Tries { get; init; }
        public required DateTimeOffset? LockedUntil { get; init; }
    }

    private const string InsertAccount = """
        insert into account (account_id, email, name, password_hash, created_at)
        values (@AccountId, @Email, @Name, @PasswordHash, @CreatedAt)
        on conflict do nothing
        """;

    // Tries are only ever set back here, by a lock or by the right password: a wrong one beside them must not undo either.
    private const string UpdateAccount = """
        with tries as (
            update sign_in_try
            set tries = 0, locked_until = @LockedUntil
            where email_hash = @EmailHash and @Tries = 0
        )
        update account
        set name = @Name, password_hash = @PasswordHash
        where account_id = @AccountId and (name, password_hash) is distinct from (@Name, @PasswordHash)
        """;

    private const string SelectAccountById = """
        select account_id, email, name, password_hash, created_at
        from account
        where account_id = @AccountId
        """;

    // Uses the unique index account_email.
    private const string SelectAccountByEmail = """
        select account_id, email, name, password_hash, created_at
        from account
        where lower(email) = lower(@Email)
        """;

    private const string SelectTries = """
        select tries, locked_until
        from sign_in_try
        where email_hash = @EmailHash
        """;

    // Tries of long ago are forgotten here, a few at a time, so that the table stays small without a job of its own.
    private const string UpsertTry = """
        with forgotten as (
            delete from sign_in_try
            where email_hash in (select email_hash from sign_in_try where last_at < @Forgotten and email_hash <> @EmailHash limit 10 for update skip locked)
        )
        insert into sign_in_try as t (email_hash, tries, last_at)
        values (@EmailHash, 1, @Now)
        on conflict (email_hash) do update
        set tries = case when t.last_at < @Forgotten then 1 else t.tries + 1 end, last_at = @Now
        returning tries
        """;
}
