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

    /// <summary>Null: words that fit the status.</summary>
    public string? Title { get; init; }

    public string? Detail { get; init; }

    /// <summary>Errors by field, where a form was sent.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Two words and a number for support; null where nobody needs to look.</summary>
    public string? Reference { get; init; }

    internal string Heading => Title ?? Status switch
    {
        400 or 422 => "That could not be used",
        401 => "Sign in to see this",
        403 => "This is not yours to see",
        404 => "There is nothing at this address",
        405 => "This address is used by a form",
        409 => "That does not fit any more",
        413 => "That is too large",
        429 => "Too many tries",
        503 => "Part of the marketplace is away",
        >= 500 => "Something broke on our side",
        _ => "That did not work",
    };

    internal string Said => Detail ?? Status switch
    {
        401 => "It belongs to somebody who is signed in.",
        403 => "It belongs to somebody else.",
        404 => "It may have moved, or the address has a letter too many.",
        429 => "Wait a minute, then try again.",
        >= 500 => "Nothing you did caused this. What was saved before is safe, and trying again is safe: nothing is sent twice.",
        _ => "Nothing was changed. Go back, and try it another way.",
    };
}

/// <summary>Writes an error as a page with the ordinary header and foot.</summary>
public static class ErrorPage
{
    /// <summary>Writes the page as the whole response.</summary>
    public static Task Write(HttpContext http, ErrorNote note)
    {
        var data = new ViewDataDictionary<ErrorNote>(new EmptyModelMetadataProvider(), new ModelStateDictionary()) { Model = note };
        var view = new ViewResult { ViewName = "/Views/Shared/_Error.cshtml", ViewData = data, StatusCode = note.Status };
        return view.ExecuteResultAsync(new ActionContext(http, http.GetRouteData() ?? new RouteData(), new ActionDescriptor()));
    }
}
