using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Marketplace.Bench.Rows;

/// <summary>
/// What a browser loads that was never here: bytes on the wire, compressed as it asks, and requests. The page with all its styles, scripts and pictures,
/// then what each next task adds.
/// </summary>
internal static partial class FirstVisit
{
    internal static async Task Run(Bench bench)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None })
        { BaseAddress = bench.Installation.Gateway };
        await Say(bench, http, "/", null, "/");

        var job = await bench.Market.Post(1_000, 1);
        var token = bench.Market.WorkerToken(Guid.NewGuid());
        using var claim = new HttpRequestMessage(HttpMethod.Post, $"/jobs/{job}/claims") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var claimed = await http.SendAsync(claim);
        var address = claimed.EnsureSuccessStatusCode().Headers.Location!.OriginalString;
        await Say(bench, http, address, token, "the work page after a claim");
        await NextTask(bench, http, address, token);
    }

    private static async Task Say(Bench bench, HttpClient http, string address, string? token, string name)
    {
        var page = await Get(http, address, token);
        var (bytes, requests, seen) = (page.Bytes, 1, new HashSet<string>());
        var found = new Queue<string>(Linked().Matches(page.Text).Select(m => m.Groups[1].Value));
        while (found.TryDequeue(out var next))
        {
            if (next.StartsWith("data:", StringComparison.Ordinal) || !seen.Add(next))
                continue;
            var asset = await Get(http, next, token);
            (bytes, requests) = (bytes + asset.Bytes, requests + 1);
            if (next.Contains(".css", StringComparison.Ordinal))
                foreach (Match match in Url().Matches(asset.Text))
                    found.Enqueue(new Uri(new Uri(new Uri("http://here"), next), match.Groups[1].Value).PathAndQuery);
        }

        bench.Report.Add(new Line
        {
            Row = "first-visit",
            Case = name,
            Figure = $"{bytes / 1024.0:0.0} KB in {requests} requests",
            Goal = "≤ 60 KB",
            Met = bytes <= 60 * 1024,
            Note = string.Join(' ', seen.Select(s => s.Split('?')[0])),
        });
    }

    /// <summary>The submit as the work page's script sends it: its answer is the next task. The second, since the first brings the instructions once more, folded.</summary>
    private static async Task NextTask(Bench bench, HttpClient http, string address, string token)
    {
        var page = await Get(http, address, token);
        var cookies = $"worker={token}; {page.Cookies}";
        var second = await Submit(http, address, cookies, page.Text);
        var third = await Submit(http, Action().Match(second.Text).Groups[1].Value, cookies, second.Text, "X-Has-Instructions");
        var bytes = third.Bytes;
        bench.Report.Add(new Line
        {
            Row = "first-visit",
            Case = "each next task",
            Figure = $"{bytes / 1024.0:0.0} KB in 1 request",
            Goal = "≤ 5 KB",
            Met = bytes <= 5 * 1024,
        });
    }

    private static async Task<(long Bytes, string Text)> Submit(HttpClient http, string address, string cookies, string page, string? header = null)
    {
        var form = $"label=neither&__RequestVerificationToken={Uri.EscapeDataString(Hidden().Match(page).Groups[1].Value)}";
        using var request = Request(HttpMethod.Post, address + "/answer", cookies);
        request.Headers.Add("HX-Request", "true");
        if (header is not null)
            request.Headers.Add(header, "1");
        request.Content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        using var response = await http.SendAsync(request);
        var body = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        return (Head(response) + body.Length, Unpack(response, body));
    }

    private static async Task<(long Bytes, string Text, string Cookies)> Get(HttpClient http, string address, string? token)
    {
        using var request = Request(HttpMethod.Get, address, token is null ? null : $"worker={token}");
        using var response = await http.SendAsync(request);
        var body = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        var cookies = response.Headers.TryGetValues("Set-Cookie", out var set) ? string.Join("; ", set.Select(c => c.Split(';')[0])) : "";
        return (Head(response) + body.Length, Unpack(response, body), cookies);
    }

    private static HttpRequestMessage Request(HttpMethod method, string address, string? cookies)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate, br");
        if (cookies is not null)
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
        return request;
    }

    /// <summary>The head of a response as it is on the wire.</summary>
    private static long Head(HttpResponseMessage response) =>
        17 + response.Headers.Concat(response.Content.Headers).Sum(h => h.Value.Sum(v => h.Key.Length + v.Length + 4));

    private static string Unpack(HttpResponseMessage response, byte[] body)
    {
        Stream stream = new MemoryStream(body);
        foreach (var encoding in response.Content.Headers.ContentEncoding)
            stream = encoding == "br"
                ? new System.IO.Compression.BrotliStream(stream, System.IO.Compression.CompressionMode.Decompress)
                : new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<(?:script|img|link)[^>]*?(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Linked();

    [GeneratedRegex("url\\([\"']?([^\"')]+)[\"']?\\)")]
    private static partial Regex Url();

    [GeneratedRegex("action=\"([^\"]+)/answer\"")]
    private static partial Regex Action();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Hidden();
}
