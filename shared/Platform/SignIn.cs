using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Marketplace.Platform;

/// <summary>
/// Who is at the door. Two services issue short tokens, each with a key of its own, and every service verifies them by public key: nobody but the issuer can make one of its
/// users. A token arrives as <c>Authorization: Bearer</c> or in the cookie named like its issuer (with <c>__Host-</c> before it where the cookie is <c>Secure</c>). An endpoint that names neither a policy nor
/// <see cref="AllowAnonymousAttribute"/> is closed to everybody.
/// </summary>
public static class SignIn
{
    /// <summary>The issuer, scheme and cookie of the people who work.</summary>
    public const string Worker = "worker";

    /// <summary>The issuer, scheme and cookie of the people who post.</summary>
    public const string Requester = "requester";

    /// <summary>Asks a signed-in worker.</summary>
    public const string WorkerPolicy = "worker";

    /// <summary>Asks a signed-in requester.</summary>
    public const string RequesterPolicy = "requester";

    /// <summary>Asks a worker who gave the password in the last ten minutes: for money that leaves.</summary>
    public const string FreshWorkerPolicy = "fresh-worker";

    /// <summary>How long a token is good for before its issuer has to be asked again.</summary>
    public static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How old the last password may be where <see cref="FreshWorkerPolicy"/> asks for it.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Registers both schemes, the policies and the closed door behind them. Reads <c>SignIn:PublicKeys:worker</c> and <c>SignIn:PublicKeys:requester</c>, each the path
    /// of a PEM file with one public key, or two while keys are changed.
    /// </summary>
    public static void AddSignInVerification(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddAuthentication(Anyone).AddPolicyScheme(Anyone, null, o => o.ForwardDefaultSelector = SchemeOf);
        AddIssuer(builder, Worker, "");
        AddIssuer(builder, Requester, "/requester");

        services.AddSingleton<IAuthorizationHandler, FreshSignIn.Handler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, SignInRefusal>();
        services.AddAuthorizationBuilder()
            .AddPolicy(WorkerPolicy, p => p.AddAuthenticationSchemes(Worker).RequireAuthenticatedUser())
            .AddPolicy(RequesterPolicy, p => p.AddAuthenticationSchemes(Requester).RequireAuthenticatedUser())
            .AddPolicy(FreshWorkerPolicy, p => p.AddAuthenticationSchemes(Worker).RequireAuthenticatedUser().AddRequirements(new FreshSignIn()))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new NamesNobody()).Build());
    }

    /// <summary>The account that is signed in, as its issuer knows it.</summary>
    /// <exception cref="InvalidOperationException">Nobody is: the endpoint lacks a policy.</exception>
    public static Guid Id(this ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirstValue(Claims.Subject), out var id) ? id : throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>What the person wants to be called, or an empty text.</summary>
    public static string DisplayName(this ClaimsPrincipal user) => user.FindFirstValue(Claims.Name) ?? "";

    /// <summary>The session that the token was issued for, or an empty id.</summary>
    public static Guid SessionId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirstValue(Claims.Session), out var id) ? id : Guid.Empty;

    /// <summary>When the password was last given.</summary>
    public static DateTimeOffset SignedInAt(this ClaimsPrincipal user) =>
        long.TryParse(user.FindFirstValue(Claims.SignedInAt), out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.MinValue;

    /// <summary>Whether the signed-in person is one of <paramref name="issuer"/>'s: <see cref="Worker"/> or <see cref="Requester"/>.</summary>
    public static bool IsFrom(this ClaimsPrincipal user, string issuer) => user.FindFirstValue(Claims.Issuer) == issuer;

    /// <summary>Hands a token to the browser: HttpOnly, SameSite=Lax, Secure except on loopback, kept until the session ends.</summary>
    public static void SetCookie(HttpContext http, string issuer, string token, DateTimeOffset until) =>
        http.Response.Cookies.Append(Cookies.Name(http.Request, issuer), token, Cookies.Options(http, until));

    /// <summary>Takes the token back from the browser.</summary>
    public static void DeleteCookie(HttpContext http, string issuer) => http.Response.Cookies.Delete(Cookies.Name(http.Request, issuer), Cookies.Options(http, null));

    /// <summary>Whether the browser shows something as <paramref name="issuer"/>'s token. What it is worth is not looked at.</summary>
    public static bool HasCookie(HttpRequest request, string issuer) => request.Cookies.ContainsKey(Cookies.Name(request, issuer));

    internal static class Claims
    {
        internal const string Issuer = "iss", Subject = "sub", Session = "sid", SignedInAt = "auth_time", Name = "name";
    }

    internal static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? value[7..].Trim() : null;

    private const string Anyone = "anyone";

    private static void AddIssuer(WebApplicationBuilder builder, string issuer, string root)
    {
        var path = builder.Configuration[$"SignIn:PublicKeys:{issuer}"]
            ?? throw new InvalidOperationException($"SignIn:PublicKeys:{issuer} has to name the PEM file with the public key of that issuer.");
        var verifier = new SignInVerifier(issuer, SignInVerifier.ReadKeys(path));
        builder.Services.AddAuthentication().AddScheme<SignInOptions, SignInHandler>(issuer, o => (o.Verifier, o.Root) = (verifier, root));
    }

    /// <summary>Pages that are open to all still greet whoever is signed in: the requester under its own addresses, the worker elsewhere.</summary>
    private static string SchemeOf(HttpContext http)
    {
        if (Bearer(http.Request) is { } token) return SignInVerifier.ClaimedIssuer(token) == Requester ? Requester : Worker;
        if (http.Request.Path.StartsWithSegments("/requester", StringComparison.Ordinal)) return Requester;
        return HasCookie(http.Request, Requester) && !HasCookie(http.Request, Worker) ? Requester : Worker;
    }
}
