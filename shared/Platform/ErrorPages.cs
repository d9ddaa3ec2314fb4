using Marketplace.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Marketplace.Platform;

/// <summary>
/// What a person or a program sees when something fails: a calm page or problem details, never a trace. What only waits for
/// the database is "back in a moment", which programs know to send again.
/// </summary>
internal static class ErrorPages
{
    internal static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler(errors => errors.Run(async context =>
        {
            var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
            var status = failure switch
            {
                BadHttpRequestException bad => bad.StatusCode,
                not null when Messaging.MayPass(failure) => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            };
            if (status == StatusCodes.Status503ServiceUnavailable)
                context.Response.Headers.RetryAfter = "5";
            var reference = Problems.NewReference();
            if (status >= 500)
                app.Logger.LogError(failure, "A request failed, reference {Reference}", reference);

            await Write(context, status, (failure as BadHttpRequestException)?.Message, reference);
        }));
        app.UseStatusCodePages(pages => Write(pages.HttpContext, pages.HttpContext.Response.StatusCode, null, Problems.NewReference()));
    }

    /// <summary>Writes the page or the problem with this status.</summary>
    internal static async Task Write(HttpContext context, int status, string? detail, string reference)
    {
        context.Response.StatusCode = status;
        if (context.Request.WantsJson() || context.Request.Path.StartsWithSegments("/api"))
        {
            var problem = Problems.Describe(status, Title(status), detail ?? Advice(status));
            problem.Extensions["reference"] = reference;
            await TypedResults.Problem(problem).ExecuteAsync(context);
            return;
        }

        await ErrorPage.Write(context, new() { Status = status, Title = Title(status), Detail = detail ?? Advice(status), Reference = reference });
    }

    private static string Title(int status) => status switch
    {
        400 => "This request cannot be read",
        401 => "Sign in first",
        403 => "This is not yours to open",
        404 => "Nothing is here",
        405 => "This address does not do that",
        409 => "That was done before, in another way",
        413 => "That is too large",
        429 => "Too many at once",
        503 => "Back in a moment",
        >= 500 => "Something broke on our side",
        _ => "That did not work",
    };

    private static string Advice(int status) => status switch
    {
        401 => "Sign in, and you come back to this page.",
        403 => "Sign in as somebody who may, or go back to where you were.",
        404 => "The address may be mistyped, or what was here has ended. Nothing was lost.",
        413 => "Send less at once.",
        429 => "Wait a minute, then go on.",
        >= 500 => "What was saved is safe. Try again in a minute; if it stays, tell us the reference.",
        _ => "Nothing was changed. Go back and try it in another way.",
    };
}
