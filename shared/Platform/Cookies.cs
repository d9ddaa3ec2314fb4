using System.Net;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform;

/// <summary>
/// What all our cookies have in common: out of reach of scripts, of other sites, and of what listens on the way. Only on this machine itself, where a browser has
/// no certificate to ask for, they travel without TLS. The host decides and not the scheme, because TLS may end before the gateway.
/// </summary>
internal static class Cookies
{
    /// <summary>A name that no neighbour under the same domain can write to, where a browser allows it.</summary>
    internal static string Name(HttpRequest request, string name) => IsLoopback(request.Host.Host) ? name : "__Host-" + name;

    internal static CookieOptions Options(HttpContext http, DateTimeOffset? until) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = !IsLoopback(http.Request.Host.Host),
        Path = "/",
        Expires = until,
    };

    internal static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>For the cookies that the framework writes, which only our own forms need.</summary>
    internal sealed class Builder : CookieBuilder
    {
        internal Builder(string name)
        {
            (Name, HttpOnly, SameSite, Path, IsEssential) = (name, true, SameSiteMode.Strict, "/", true);
        }

        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = !IsLoopback(context.Request.Host.Host);
            return options;
        }
    }
}
