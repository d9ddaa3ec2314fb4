using System.Text.Encodings.Web;
using Marketplace.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Marketplace.Requester.Keys;

/// <summary>Lets in whoever is signed in, as a requester or as a worker: pictures are looked at by both.</summary>
internal sealed class SignInAsAnybody(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    internal const string Anybody = "anybody";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var requester = await Context.AuthenticateAsync(SignIn.Requester);
        return requester.Succeeded ? requester : await Context.AuthenticateAsync(SignIn.Worker);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        Context.ChallengeAsync(SignIn.HasCookie(Request, SignIn.Requester) ? SignIn.Requester : SignIn.Worker, properties);
}
