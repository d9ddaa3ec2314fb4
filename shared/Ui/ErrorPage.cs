using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Ui;

/// <summary>What an error page says: what happened, what is safe, what to do next.</summary>
public sealed record ErrorNote
{
    public required int Status { get; init; }

    public string Title { get; init; } = "Nothing is here";

    public string Detail { get; init; } = "The address may be mistyped, or what was here has ended. Nothing was lost.";

    /// <summary>What is to be corrected, where a form was sent.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Two words and a number for support; null where nobody needs to look.</summary>
    public string? Reference { get; init; }
}

/// <summary>Writes an error as a page with the ordinary header and foot, or, into a page that changes in place, as a note.</summary>
public static class ErrorPage
{
    public static Task Write(HttpContext http, ErrorNote note)
    {
        var data = new ViewDataDictionary<ErrorNote>(new EmptyModelMetadataProvider(), new ModelStateDictionary()) { Model = note };
        var part = http.Request.Headers.ContainsKey("HX-Request");
        var view = new ViewResult { ViewName = part ? "_ErrorNote" : "_Error", ViewData = data, StatusCode = note.Status };
        return view.ExecuteResultAsync(new ActionContext(http, new RouteData(), new ActionDescriptor()));
    }

    /// <summary>Whether somebody with a browser waits for the answer.</summary>
    internal static bool IsForAPage(HttpRequest request) =>
        request.Headers.Authorization.Count == 0 && !request.HasJsonContentType()
        && request.GetTypedHeaders().Accept.Any(a => a.MediaType.Value == "text/html");
}

/// <summary>Gives people the page where programs get problem details (RFC 9457), with the same words.</summary>
internal sealed class ProblemPage : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => ErrorPage.IsForAPage(context.HttpContext.Request);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var errors = problem.Extensions.TryGetValue("errors", out var fields) && fields is IDictionary<string, string[]> byField
            ? byField.Values.SelectMany(messages => messages).Distinct().ToList()
            : [];
        await ErrorPage.Write(context.HttpContext, new()
        {
            Status = problem.Status ?? context.HttpContext.Response.StatusCode,
            Title = problem.Title ?? "That did not work",
            Detail = problem.Detail ?? "Nothing was changed. Go back and try it in another way.",
            Errors = errors,
            Reference = problem.Extensions.TryGetValue("reference", out var reference) ? reference as string : null,
        });
    }
}
