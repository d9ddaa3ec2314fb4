using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Access;

/// <summary>Every address that a service answers at, as the service itself has it.</summary>
internal static partial class Routes
{
    /// <summary>An address without its parameters' names: <c>GET /jobs/{}</c>, or <c>form /account?handler=Others</c>.</summary>
    internal static string Name(string verb, string path, string? handler) =>
        $"{verb} /{Parameter().Replace(path.Trim('/'), "{}")}{(handler is null ? "" : $"?handler={handler}")}";

    internal static async Task<IReadOnlyList<string>> Of(WebApplication app)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in app.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>())
        {
            // Routing's own answers (405, 415) have no pattern.
            if (endpoint.RoutePattern.RawText is not { } path)
                continue;
            if (endpoint.Metadata.GetMetadata<PageActionDescriptor>() is { } page)
                found.UnionWith(await OfPage(app, page, endpoint, path));
            else
                found.UnionWith((endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Where(m => m != "HEAD").Select(m => Name(VerbOf(m, endpoint), path, null)));
        }

        return [.. found];
    }

    /// <summary>A page is looked at, and each of its handlers is an address.</summary>
    private static async Task<IEnumerable<string>> OfPage(WebApplication app, PageActionDescriptor page, RouteEndpoint endpoint, string path)
    {
        var compiled = await app.Services.GetRequiredService<PageLoader>().LoadAsync(page, endpoint.Metadata);
        return compiled.HandlerMethods.Select(h => Name(h.HttpMethod == "Get" ? "GET" : "form", path, h.Name)).Append(Name("GET", path, null));
    }

    /// <summary>An endpoint of no page that takes a form all the same, or anything.</summary>
    private static string VerbOf(string method, RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<Platform.ChecksAntiforgeryItself>() is null ? method : "form";

    [GeneratedRegex(@"\{[^{}]*(\{[^}]*\}[^{}]*)*\}")]
    private static partial Regex Parameter();
}
