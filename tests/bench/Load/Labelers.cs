using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Marketplace.Bench.Load;

/// <summary>
/// Workers at a job through the gateway, signed in, one request after the other as a browser without script does: the form with the answer, which
/// brings the next task, then that task's page. A person answers each task once, so after some hundred tasks the next person takes the chair.
/// </summary>
internal sealed partial class Labelers(Bench bench, Guid job, int answersEach = 400) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxConnectionsPerServer = 256,
        ActivityHeadersPropagator = null,
    })
    { BaseAddress = bench.Installation.Gateway };

    private readonly List<Chair> _chairs = [];

    public void Dispose() => _http.Dispose();

    /// <summary>Work as fast as it goes.</summary>
    /// <param name="workers">How many at the same time.</param>
    /// <param name="stretch">For how long.</param>
    /// <param name="page">Whether each task's page is read; without it only answers are sent.</param>
    internal Task<Sample> Work(int workers, TimeSpan stretch, bool page = true) => Work(workers, stretch, page, null);

    /// <summary>Work at a pace: so many answers a second together, each sent at its own moment.</summary>
    internal Task<Sample> Pace(int workers, TimeSpan stretch, double perSecond) =>
        Work(workers, stretch, false, TimeSpan.FromSeconds(workers / perSecond));

    private async Task<Sample> Work(int workers, TimeSpan stretch, bool page, TimeSpan? every)
    {
        while (_chairs.Count < workers)
            _chairs.Add(new Chair());
        foreach (var chair in _chairs.Take(workers))
            chair.Times.Clear();

        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(_chairs.Take(workers).Select(async (chair, n) =>
        {
            if (every is { } gap)
                await Task.Delay(gap * n / workers);
            for (var turn = 1; TimeProvider.System.GetElapsedTime(began) < stretch; turn++)
            {
                await Loop(chair, page);
                if (every is { } pause && (began + (long)((turn + ((double)n / workers)) * pause.TotalSeconds * TimeProvider.System.TimestampFrequency)) is var next
                    && TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), next) is { Ticks: > 0 } wait)
                    await Task.Delay(wait);
            }
        }));
        var times = _chairs.Take(workers).SelectMany(c => c.Times).ToList();
        return new Sample(times.Count, TimeProvider.System.GetElapsedTime(began).TotalSeconds, Compared.P95(times));
    }

    private async Task Loop(Chair chair, bool page)
    {
        if (chair.At is null || chair.Answers >= answersEach)
            await SitDown(chair);

        var began = TimeProvider.System.GetTimestamp();
        using (var submitted = await Send(HttpMethod.Post, chair.At + "/answer", chair, chair.Form))
        {
            if (submitted.StatusCode != HttpStatusCode.SeeOther)
                throw new InvalidOperationException($"A submit was answered {(int)submitted.StatusCode}: {await submitted.Content.ReadAsStringAsync()}");
            var next = submitted.Headers.Location!.OriginalString;
            chair.Answers = next == chair.At ? answersEach : chair.Answers + 1;
            chair.At = next;
        }

        if (page)
            (await Send(HttpMethod.Get, chair.At, chair, null)).EnsureSuccessStatusCode().Dispose();
        chair.Times.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>A new person claims a first task, and opens its page, which brings the anti-forgery token that every form needs.</summary>
    private async Task SitDown(Chair chair)
    {
        var token = bench.Market.WorkerToken(Guid.NewGuid());
        using var claim = new HttpRequestMessage(HttpMethod.Post, $"/jobs/{job}/claims") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var claimed = await _http.SendAsync(claim);
        if (claimed.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException($"A claim was answered {(int)claimed.StatusCode}: {await claimed.Content.ReadAsStringAsync()}");

        (chair.At, chair.Answers, chair.Cookies) = (claimed.Headers.Location!.OriginalString, 0, $"worker={token}");
        using var page = await Send(HttpMethod.Get, chair.At, chair, null);
        var html = await page.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        chair.Cookies += "; " + string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        chair.Form = Encoding.ASCII.GetBytes($"label=neither&__RequestVerificationToken={Uri.EscapeDataString(Token().Match(html).Groups[1].Value)}");
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, Chair chair, byte[]? form)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Cookie", chair.Cookies);
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        request.Headers.TryAddWithoutValidation("Accept-Language", "en-US,en;q=0.9");
        if (form is not null)
            request.Content = new ByteArrayContent(form) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") } };
        return await _http.SendAsync(request);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();

    private sealed class Chair
    {
        internal string Cookies { get; set; } = "";
        internal byte[] Form { get; set; } = [];
        internal string? At { get; set; }
        internal int Answers { get; set; }
        internal List<double> Times { get; } = [];
    }
}
