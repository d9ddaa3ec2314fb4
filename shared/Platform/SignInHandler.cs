using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Marketplace.Platform;

/// <summary>A new token and the end of the session that it was issued for.</summary>
public sealed record RenewedSignIn(SignInToken Token, DateTimeOffset SessionEndsAt);

/// <summary>What the scheme of one issuer needs to know.</summary>
public sealed class SignInOptions : AuthenticationSchemeOptions
{
    internal SignInVerifier Verifier { get; set; } = null!;

    /// <summary>What the issuer's own addresses begin with: <c>{Root}/sign-in</c>.</summary>
    public string Root { get; set; } = "";

    /// <summary>Only in the service that issues these tokens: a new one for the session of an old one, or null when the session is over.</summary>
    public Func<HttpContext, Guid, Task<RenewedSignIn?>>? Renew { get; set; }
}

/// <summary>
/// Reads one issuer's token. In the service that issues it a cookie that is over, or nearly, is renewed on the spot, so that nothing typed is lost; elsewhere a page goes
/// through the issuer's renewal and comes back. A request with an <c>Authorization</c> header is never signed in by its cookie: the one asks for no anti-forgery token.
/// </summary>
internal sealed class SignInHandler(IOptionsMonitor<SignInOptions> options, ILoggerFactory logger, UrlEncoder encoder, TimeProvider clock)
    : AuthenticationHandler<SignInOptions>(options, logger, encoder)
{
    private static readonly TimeSpan RenewAhead = TimeSpan.FromMinutes(5);
    private bool isOver;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count > 0)
        {
            if (SignIn.Bearer(Request) is not { } bearer) return AuthenticateResult.NoResult();
            if (await Options.Verifier.Verify(bearer) is not { } shown) return AuthenticateResult.Fail("This token was not issued here.");
            isOver = shown.ExpiresAt <= clock.GetUtcNow();
            return isOver ? AuthenticateResult.Fail("This token is over.") : Success(shown);
        }
        if (Request.Cookies[Cookies.Name(Request, Scheme.Name)] is not { Length: > 0 } cookie) return AuthenticateResult.NoResult();
        if (await Options.Verifier.Verify(cookie) is not { } token) return AuthenticateResult.Fail("This token was not issued here.");

        var left = token.ExpiresAt - clock.GetUtcNow();
        if (Options.Renew is { } renew && left < RenewAhead) return await Renewed(renew, token);
        isOver = left <= TimeSpan.Zero;
        return isOver ? AuthenticateResult.Fail("This token is over.") : Success(token);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (SignInPaths.WantsPage(Request))
        {
            var path = isOver && Options.Renew is null ? "/sign-in/renew" : "/sign-in";
            SignInPaths.Redirect(Context, Options.Root + path);
            return Task.CompletedTask;
        }
        Response.Headers.WWWAuthenticate = isOver ? "Bearer error=\"invalid_token\"" : "Bearer";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized,
            title: isOver ? "Your sign-in is over" : "Sign in first",
            detail: isOver
                ? $"Get a new token: POST {Options.Root}/sign-in/renew with this one, or POST {Options.Root}/sign-in with email and password."
                : $"POST {Options.Root}/sign-in with email and password, then send the token as Authorization: Bearer.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => TypedResults.Problem(
        statusCode: StatusCodes.Status403Forbidden, title: "This is not yours to open", detail: "You are signed in, but not as somebody who may do this.").ExecuteAsync(Context);

    private async Task<AuthenticateResult> Renewed(Func<HttpContext, Guid, Task<RenewedSignIn?>> renew, VerifiedToken token)
    {
        if (await renew(Context, token.Principal.SessionId()) is not { } renewed || await Options.Verifier.Verify(renewed.Token.Token) is not { } fresh)
        {
            SignIn.DeleteCookie(Context, Scheme.Name);
            return AuthenticateResult.Fail("This session is over.");
        }
        SignIn.SetCookie(Context, Scheme.Name, renewed.Token.Token, renewed.SessionEndsAt);
        return Success(fresh);
    }

    private AuthenticateResult Success(VerifiedToken token) => AuthenticateResult.Success(new AuthenticationTicket(token.Principal, Scheme.Name));
}

/// <summary>Asks that the password was given in the last <see cref="SignIn.FreshFor"/>.</summary>
internal sealed class FreshSignIn : IAuthorizationRequirement
{
    internal sealed class Handler(TimeProvider clock) : AuthorizationHandler<FreshSignIn>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, FreshSignIn requirement)
        {
            if (clock.GetUtcNow() - context.User.SignedInAt() <= SignIn.FreshFor) context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }
}

/// <summary>The requirement of an endpoint that names nobody: nobody meets it.</summary>
internal sealed class NamesNobody : IAuthorizationRequirement;

/// <summary>Says no in a way that helps: asks for the password again where the sign-in is only too old, and leaves unknown addresses to be not found.</summary>
internal sealed class SignInRefusal(ILogger<SignInRefusal> logger) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler otherwise = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (!authorizeResult.Succeeded && context.GetEndpoint() is RouteEndpoint refused)
            logger.LogInformation("{Method} {Route} was refused to {Who}", context.Request.Method, refused.RoutePattern.RawText, context.User.Identity?.IsAuthenticated == true ? context.User.Id() : "nobody");
        if (policy.Requirements.Any(r => r is NamesNobody))
        {
            return context.GetEndpoint() is null
                ? next(context)
                : TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "This is closed", detail: "Nobody may open this address.").ExecuteAsync(context);
        }
        if (!authorizeResult.Forbidden || authorizeResult.AuthorizationFailure?.FailedRequirements.Any(r => r is FreshSignIn) != true)
            return otherwise.HandleAsync(next, context, policy, authorizeResult);

        if (!SignInPaths.WantsPage(context.Request))
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status403Forbidden,
                title: "Give your password again",
                detail: "This asks for a sign-in at most ten minutes old. POST /sign-in with email and password, and use the token of that answer.").ExecuteAsync(context);
        }
        SignInPaths.Redirect(context, "/sign-in/confirm");
        return Task.CompletedTask;
    }
}
