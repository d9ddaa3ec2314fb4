using Marketplace.Platform;

namespace Marketplace.Requester.Keys;

internal static class KeysEndpoints
{
    internal static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/keys").RequireAuthorization(SignInByKey.Program).WithTags("keys");
        keys.MapGet("/", ListKeys.Handle);
        keys.MapPost("/", MakeKey.Handle).Validate<MakeKey.Request>();
        keys.MapDelete("/{keyId:guid}", RevokeKey.Handle);

        routes.MapGet("/openapi.json", ServeDescription.Handle).AllowAnonymous();
        routes.MapPost("/api/token", GetToken.Handle).RequireAuthorization(SignInByKey.Program).WithTags("keys");
    }
}
