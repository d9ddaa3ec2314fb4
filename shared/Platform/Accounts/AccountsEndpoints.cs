using System.Net;
using System.Threading.RateLimiting;
using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Marketplace.Platform.Accounts;

/// <summary>
/// An issuer's accounts: sign-up, sign-in, renewal and sign-out for programs, as JSON, at the addresses of the pages (<see cref="SignInPage"/> and its neighbours). The
/// service's schema has the tables <c>account</c>, <c>sign_in_try</c> and <c>session</c>; <c>SignIn:PrivateKey</c> names its key.
/// </summary>
public static class AccountsEndpoints
{
    internal const string PerAddress = "accounts";

    /// <summary>PBKDF2 with HMAC-SHA-512, as often as OWASP asks for it (Password Storage Cheat Sheet, 2023).</summary>
    internal static readonly PasswordHasherOptions Hashing = new() { IterationCount = 210_000 };

    /// <summary>Makes this service the issuer that <paramref name="settings"/> describe.</summary>
    public static void AddAccounts(this WebApplicationBuilder builder, AccountSettings settings)
    {
        var (services, chosen) = (builder.Services, settings.From(builder));
        var keyFile = builder.Configuration["SignIn:PrivateKey"] ?? throw new InvalidOperationException("SignIn:PrivateKey has to name the PEM file with this issuer's key.");
        services.AddSingleton(chosen);
        services.AddSingleton(at => new SignInTokens(chosen.Issuer, keyFile, at.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Sessions>();
        services.AddSingleton<IValidator<OpenAccount.Request>, OpenAccount.Validator>();
        services.AddSingleton<IValidator<EnterPassword.Request>, EnterPassword.Validator>();
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = Hashing.IterationCount);
        services.AddIdentityCore<Account>(identity =>
        {
            identity.Lockout.MaxFailedAccessAttempts = chosen.Tries;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(chosen.RestMinutes);
        }).AddUserStore<AccountStore>();
        services.AddScoped<IPasswordHasher<Account>, CountingHasher>();

        // Names need not be unique, and what a password has to be is said by our own validators, in our own words.
        services.RemoveAll<IUserValidator<Account>>();
        services.RemoveAll<IPasswordValidator<Account>>();
        services.Configure<SignInOptions>(chosen.Issuer, o =>
            o.Renew = (http, session) => http.RequestServices.GetRequiredService<Sessions>().Renew(session, http.RequestAborted));
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(PerAddress, http => LimitOf(http, chosen.PerAddressAndMinute));
        });
    }

    /// <summary>Maps what programs use; the pages map themselves.</summary>
    public static void MapAccounts(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<AccountSettings>();
        app.UseRateLimiter();

        var routes = app.MapGroup(settings.Root);
        routes.MapPost("/sign-up", SignUp).Validate<OpenAccount.Request>().AllowAnonymous().RequireRateLimiting(PerAddress);
        routes.MapPost("/sign-in", SignInByPassword).Validate<EnterPassword.Request>().AllowAnonymous().RequireRateLimiting(PerAddress);
        routes.MapPost("/sign-in/renew", RenewToken).AllowAnonymous().RequireRateLimiting(PerAddress);
        routes.MapGet("/sign-in/renew", RenewCookie).AllowAnonymous();
        routes.MapPost("/sign-out", SignOut).RequireAuthorization(settings.Issuer);
    }

    private static async Task<Results<Ok<SignInToken>, ProblemHttpResult>> SignUp(
        OpenAccount.Request request, UserManager<Account> accounts, Sessions sessions, TimeProvider clock, CancellationToken cancel) =>
        await OpenAccount.Handle(request, accounts, sessions, clock, cancel) is { } opened
            ? TypedResults.Ok(opened.Token)
            : Problems.Refuse(StatusCodes.Status409Conflict, "This email has an account", "Sign in with it, or use another email.", ("email", Words.EmailTaken));

    private static async Task<Results<Ok<SignInToken>, ProblemHttpResult>> SignInByPassword(
        EnterPassword.Request request, UserManager<Account> accounts, Sessions sessions, CancellationToken cancel) =>
        await EnterPassword.Handle(request, accounts) switch
        {
            { Account: { } account } => TypedResults.Ok((await sessions.Start(account, cancel)).Token),
            { RestsUntil: { } until } => Problems.Refuse(StatusCodes.Status429TooManyRequests, "This email rests", Words.Rests(until), ("email", Words.Rests(until))),
            _ => Problems.Refuse(StatusCodes.Status401Unauthorized, "That did not match", Words.Mismatch, ("password", Words.Mismatch)),
        };

    /// <summary>A token that is over is enough to ask for the next: its session decides.</summary>
    private static async Task<Results<Ok<SignInToken>, ProblemHttpResult>> RenewToken(
        HttpContext http, AccountSettings settings, Sessions sessions, IOptionsMonitor<SignInOptions> options, CancellationToken cancel)
    {
        var shown = SignIn.Bearer(http.Request) is { } bearer ? await options.Get(settings.Issuer).Verifier.Verify(bearer) : null;
        var renewed = shown is null ? null : await sessions.Renew(shown.Principal.SessionId(), cancel);
        return renewed is not null
            ? TypedResults.Ok(renewed.Token)
            : Problems.Refuse(StatusCodes.Status401Unauthorized, "This session is over", $"POST {settings.Root}/sign-in with email and password.");
    }

    /// <summary>Where the other services send a browser whose cookie is over. The scheme renews the cookie; this leads back.</summary>
    private static async Task<RedirectHttpResult> RenewCookie(HttpContext http, AccountSettings settings, string? back)
    {
        var path = SignInPaths.Back(back, settings.Home);
        var known = await http.AuthenticateAsync(settings.Issuer);
        return TypedResults.LocalRedirect(known.Succeeded ? path : $"{settings.Root}/sign-in?back={Uri.EscapeDataString(path)}");
    }

    private static async Task<Results<RedirectHttpResult, NoContent>> SignOut(HttpContext http, AccountSettings settings, Sessions sessions, CancellationToken cancel)
    {
        await sessions.Revoke(http.User.SessionId(), cancel);
        if (http.Request.WantsJson()) return TypedResults.NoContent();
        SignIn.DeleteCookie(http, settings.Issuer);
        return TypedResults.LocalRedirect(settings.Root + "/sign-in");
    }

    /// <summary>Counts what is sent, not what is looked at. A household shares one IPv6 network of 64 bits.</summary>
    private static RateLimitPartition<string> LimitOf(HttpContext http, int perMinute)
    {
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) return RateLimitPartition.GetNoLimiter("");
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return RateLimitPartition.GetFixedWindowLimiter(
            Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 8))),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1) });
    }
}
