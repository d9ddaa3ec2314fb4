using System.Net;
using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>
/// Somebody with a browser, as a service sees it: keeps cookies, fills in a form after loading its page, and follows nothing by itself. A browser would drop a cookie by the
/// real time; here only the services' clock counts.
/// </summary>
internal sealed partial class Visitor(Uri service, string? host = null) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = service };

    internal Dictionary<string, string> Cookies { get; } = [];

    /// <summary>The last answer's Set-Cookie headers.</summary>
    internal IReadOnlyList<string> SetCookies { get; private set; } = [];

    internal Task<HttpResponseMessage> Get(string path) => Send(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Loads a page and sends its first form with these values, at once or after <paramref name="meanwhile"/>.</summary>
    internal async Task<HttpResponseMessage> Submit(string path, Dictionary<string, string> values, Action? meanwhile = null, string? to = null)
    {
        var page = await Get(path);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var token = TokenField().Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value;
        meanwhile?.Invoke();
        return await Post(to ?? path, new(values) { ["__RequestVerificationToken"] = token });
    }

    internal Task<HttpResponseMessage> Post(string path, Dictionary<string, string> values) =>
        Send(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(values) });

    /// <summary>Signs up as a worker and keeps the cookie.</summary>
    internal async Task<HttpResponseMessage> SignUp(string email, string root = "") => await Submit(
        $"{root}/sign-up", new() { ["Name"] = "Robin", ["Email"] = email, ["Password"] = Password });

    internal const string Password = "several plain words";

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request)
    {
        request.Headers.Add("Accept", "text/html");
        if (host is not null) request.Headers.Host = host;
        if (Cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        SetCookies = response.Headers.TryGetValues("Set-Cookie", out var set) ? [.. set] : [];
        foreach (var cookie in SetCookies)
        {
            var (name, value) = (cookie[..cookie.IndexOf('=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0]);
            if (value.Length == 0) Cookies.Remove(name);
            else Cookies[name] = value;
        }
        return response;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
