using System.Security.Claims;
using System.Text.Encodings.Web;
using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Marketplace.Requester.Keys;

/// <summary>
/// Lets programs in under <c>/api</c>: <c>Authorization: Bearer</c> with an API key or a requester's token. Cookies open
/// nothing here, so nothing here can be forged from another site.
/// </summary>
internal sealed class SignInByKey(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, NpgsqlDataSource database)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string Program = "api";

    internal static void Add(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SignInByKey>(Program, null)
            .AddScheme<AuthenticationSchemeOptions, SignInAsAnybody>(SignInAsAnybody.Anybody, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Program, p => p.AddAuthenticationSchemes(Program).RequireAuthenticatedUser())
            .AddPolicy(SignInAsAnybody.Anybody, p => p.AddAuthenticationSchemes(SignInAsAnybody.Anybody).RequireAuthenticatedUser());
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string Bearer = "Bearer ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();

        var shown = header[Bearer.Length..].Trim();
        if (!shown.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
            return await Context.AuthenticateAsync(SignIn.Requester);

        await using var connection = await database.OpenConnectionAsync(Context.RequestAborted);
        var owner = await connection.QuerySingleOrDefaultAsync<Owner>(new CommandDefinition(
            SelectOwner, new { Hash = ApiKey.Hash(shown) }, cancellationToken: Context.RequestAborted));
        if (owner is null)
            return AuthenticateResult.Fail("This key was not made here, or was revoked.");

        var identity = new ClaimsIdentity([new("sub", owner.RequesterId.ToString()), new("name", owner.RequesterName)], SignIn.Requester, "name", null);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Program));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Refuse(
            401, "Show a key", "Send an API key as Authorization: Bearer. Keys are made at /requester/keys.").ExecuteAsync(Context);
    }

    private sealed record Owner
    {
        public required Guid RequesterId { get; init; }
        public required string RequesterName { get; init; }
    }

    private const string SelectOwner = """
        select requester_id, requester_name
        from api_key
        where key_hash = @Hash and revoked_at is null
        """;
}
