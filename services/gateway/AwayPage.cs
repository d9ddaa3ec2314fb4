using System.Security.Cryptography;
using System.Text;
using Marketplace.Platform;
using Yarp.ReverseProxy.Forwarder;

namespace Marketplace.Gateway;

/// <summary>
/// What is said when a service does not answer: that nothing is lost, and when to try again. It stands on its own, because
/// style sheets come from the services too.
/// </summary>
internal static class AwayPage
{
    private const string Style =
        "body{margin:0;padding:10vh 1rem;background:#f2f5f1;color:#15201a;font:1rem/1.5 system-ui,sans-serif}" +
        "main{max-width:34rem;margin:auto;border-top:3px solid;padding-top:1rem}h1{font-size:1.75rem;line-height:1.2}" +
        "@media(prefers-color-scheme:dark){body{background:#0f1512;color:#e9efea}}a{color:inherit}";

    private const string Page =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">" +
        "<meta http-equiv=\"refresh\" content=\"10\"><title>Back in a moment</title><style>" + Style + "</style></head><body><main><h1>Back in a moment</h1>" +
        "<p>A part of the marketplace is starting again. Answers that were saved are safe and will be paid.</p>" +
        "<p>This page tries again by itself. <a href=\"\">Try now</a></p></main></body></html>";

    private static readonly string ContentPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; frame-ancestors 'none'";

    internal static async Task Write(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<IForwarderErrorFeature>() is null && context.Response.StatusCode != StatusCodes.Status503ServiceUnavailable)
            return;
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "10";
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.WantsJson() || context.Request.Path.StartsWithSegments("/api"))
        {
            await Problems.Refuse(503, "Back in a moment", "A service is starting again, and whether it did what you asked is not known. Send the same request again, with the same Idempotency-Key where one is wanted: nothing is done twice.").ExecuteAsync(context);
            return;
        }

        context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(Page, context.RequestAborted);
    }
}
