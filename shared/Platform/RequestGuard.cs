using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform;

/// <summary>Marks an endpoint that checks the anti-forgery token itself, because it must not read the whole form first (uploads).</summary>
public sealed class ChecksAntiforgeryItself;

/// <summary>
/// What every request meets before its endpoint: the headers that bound what a page may do, and the anti-forgery check of
/// every unsafe request that a browser could have been tricked into.
/// </summary>
internal static class RequestGuard
{
    private const string ContentPolicy =
        "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

    internal static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        // At the last moment, for an error clears what was set before it.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers.XFrameOptions = "DENY";

            // What has a stricter policy of its own, as an uploaded picture has, keeps it.
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = ContentPolicy;
            if (!Cookies.IsLoopback(context.Request.Host.Host))
                headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            if (headers.CacheControl.Count == 0 && context.User.Identity?.IsAuthenticated == true)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
        return next(context);
    }

    internal static async Task CheckAntiforgery(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (MayBeForged(request) && context.GetEndpoint()?.Metadata.GetMetadata<ChecksAntiforgeryItself>() is null)
        {
            var antiforgery = (IAntiforgery)context.RequestServices.GetService(typeof(IAntiforgery))!;
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await Problems.Refuse(
                    400, "This form is too old", "Nothing was changed. Load the page again and repeat what you did.").ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    /// <summary>
    /// A browser sends cookies by itself, but neither an Authorization header nor, without asking first, a JSON body from another site.
    /// </summary>
    private static bool MayBeForged(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method)
        && !HttpMethods.IsHead(request.Method)
        && !HttpMethods.IsOptions(request.Method)
        && request.Headers.Authorization.Count == 0
        && !(request.HasJsonContentType() && !SignIn.HasCookie(request, SignIn.Worker) && !SignIn.HasCookie(request, SignIn.Requester));
}
