using System.Security.Claims;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Marketplace.Requester.Keys;

/// <summary>Gives a program a short token for its key: other services know tokens, and only this one knows keys.</summary>
internal static class GetToken
{
    internal static Ok<SignInToken> Handle(ClaimsPrincipal user, SignInTokens tokens) =>
        TypedResults.Ok(tokens.Issue(user.Id(), user.DisplayName(), Guid.Empty, DateTimeOffset.UnixEpoch));
}
