using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Marketplace.Platform;

/// <summary>The ways to a sign-in page and back again.</summary>
public static class SignInPaths
{
    /// <summary>
    /// The path to go back to, if it is one of ours: absolute, local, printable ASCII. Anything that a browser could read as another host (<c>//</c>, a backslash, a
    /// control character) gives <paramref name="otherwise"/>.
    /// </summary>
    public static string Back(string? path, string otherwise = "/") =>
        path is { Length: > 0 and <= 2000 } && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && path.All(c => c is > ' ' and < '\x7f' and not '\\')
            ? path
            : otherwise;

    /// <summary>Whether a person with a browser is waiting for a page, not a program for data.</summary>
    public static bool WantsPage(HttpRequest request) =>
        request.Headers.Authorization.Count == 0
        && (IsHtmx(request) || (request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase) && !request.HasJsonContentType()));

    /// <summary>Sends the browser to <paramref name="path"/>, which later leads back to where it is now. A form that cannot be repeated leads back to its page.</summary>
    internal static void Redirect(HttpContext http, string path)
    {
        var target = $"{path}?back={Uri.EscapeDataString(Here(http.Request))}";
        if (!IsHtmx(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = target;
            return;
        }
        // A script would follow the redirect and put the sign-in page into a corner of this one.
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers["HX-Redirect"] = target;
    }

    private static string Here(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) && !IsHtmx(request)) return Back(request.GetEncodedPathAndQuery());
        var from = IsHtmx(request) ? request.Headers["HX-Current-URL"].ToString() : request.Headers.Referer.ToString();
        return Uri.TryCreate(from, UriKind.Absolute, out var page) && page.Authority == request.Host.Value ? Back(page.PathAndQuery) : "/";
    }

    private static bool IsHtmx(HttpRequest request) => request.Headers.ContainsKey("HX-Request");
}
