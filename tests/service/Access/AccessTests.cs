using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Marketplace.ServiceTests.Access;

/// <summary>Nobody is where they do not belong: the table in <c>access.md</c>, asked of all services behind the gateway.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private static readonly IReadOnlyList<AccessRow> Table = AccessRow.ReadAll();
    private static readonly string[] Services = [EventRoutes.Worker, EventRoutes.Requester, EventRoutes.Payment, AllServices.Gateway];
    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(5);

    private readonly DrivenClock _clock = new();
    private readonly List<string> _wrong = [];
    private AllServices _services = null!;
    private HttpClient _http = null!;
    private Cast _cast = null!;
    private Things _things = null!;

    public async ValueTask InitializeAsync()
    {
        _services = await AllServices.Start(_clock, "--SignIn:PerAddressAndMinute=100000");
        _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = _services.Address,
            DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } },
        };
        _cast = await Cast.SignUp(_http, _clock);
        _things = new(_http, _cast, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Every_address_has_its_row_and_every_row_its_address()
    {
        foreach (var service in Services)
        {
            var mapped = await Routes.Of(_services.Apps.Single(a => a.Name == service).App);
            var rows = Table.Where(r => r.Section == service).Select(r => r.Route).ToList();

            // The look is every service's; the gateway takes it from the worker service.
            var expected = mapped.Where(r => service == EventRoutes.Worker || !r.StartsWith("GET /ui/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
            Assert.Equal(expected, rows.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Everybody_gets_what_the_table_says_and_nobody_more()
    {
        await _things.Prepare();
        foreach (var row in Table.Where(r => r.Section != "health"))
        {
            // Those who are refused ask first: what the owner then does shows that they changed nothing.
            foreach (var asker in row.Expected.Keys.OrderBy(row.IsGranted))
                await Check(row, asker, _services.Address);
        }

        foreach (var row in Table.Where(r => r.Section == "health"))
            foreach (var service in Services)
                foreach (var asker in row.Expected.Keys)
                    await Check(row, asker, _services.HealthOf(service));
        Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
    }

    [Fact]
    public async Task A_browsers_request_that_changes_something_is_refused_without_its_forms_token()
    {
        await _things.Prepare();
        foreach (var row in Table.Where(r => r.Changes && (r.IsGranted(Asker.Worker) || r.IsGranted(Asker.Requester))))
        {
            var owner = _cast[row.IsForRequesters ? Asker.Requester : Asker.Worker];
            using var request = await RequestOf(row);
            request.Headers.Add("Cookie", $"{owner.Issuer}={owner.Token}");
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);

            // Where only keys and tokens open, a cookie is nothing.
            var expected = row.Address.StartsWith("/api/", StringComparison.Ordinal) ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest;
            if (answer.StatusCode != expected && !(row.Address.EndsWith("/renew", StringComparison.Ordinal) && answer.StatusCode == HttpStatusCode.Unauthorized))
                _wrong.Add($"{row.Verb} {row.Address}: a cookie alone got {(int)answer.StatusCode}, not {(int)expected}");
        }

        Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
    }

    private async Task Check(AccessRow row, Asker asker, Uri at)
    {
        var (status, found) = await Answer(row, asker, at);
        var expected = row.Expected[asker];
        if (status != expected)
            _wrong.Add($"{row.Verb} {row.Address}: {asker} got {status}, not {expected}");
        else if (row.IsGranted(asker) && found is { } missing)
            _wrong.Add($"{row.Verb} {row.Address}: {asker} was let in and not shown '{row.Shows}', but: {missing}");
        if (row.Changes && row.IsGranted(asker))
        {
            _things.NextQuestion();

            // Signing out, a new password: what the asker has shown so far may be over.
            if (row.Address.Contains("sign-out", StringComparison.Ordinal) || row.Address.Contains("account", StringComparison.Ordinal))
                await _cast.Again(asker, _http);
        }
    }

    /// <summary>The status, and null where the row's text was shown, else the start of what was.</summary>
    private async Task<(int Status, string? Instead)> Answer(AccessRow row, Asker asker, Uri at)
    {
        using var request = await RequestOf(row, at);
        request.Headers.Authorization = _cast.Shows(asker, row);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        _wrong.AddRange(SafeHeaders.MissingOf(answer).Select(missing => $"{row.Verb} {row.Address}: {asker} got {(int)answer.StatusCode} with {missing}"));
        if (!answer.IsSuccessStatusCode && (int)answer.StatusCode >= 400)
            return ((int)answer.StatusCode, null);

        var shows = row.Shows;
        string text;
        if (shows.StartsWith('→'))
        {
            var parts = shows[1..].Split(" : ", 2, StringSplitOptions.TrimEntries);
            shows = parts[1];
            text = await _things.Text(row.IsForRequesters ? Asker.Requester : Asker.Worker, await _things.Fill(parts[0]));
        }
        else
        {
            text = $"{answer.Headers.Location} {await Read(answer, shows)}";
        }

        return ((int)answer.StatusCode, text.Contains(shows, StringComparison.Ordinal) ? null : text[..Math.Min(text.Length, 300)]);
    }

    /// <summary>Reads until the text is seen, the end, or too long: some answers go on for ever.</summary>
    private static async Task<string> Read(HttpResponseMessage answer, string text)
    {
        using var patience = new CancellationTokenSource(LongestRead);
        await using var body = await answer.Content.ReadAsStreamAsync(patience.Token);
        var read = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (!read.ToString().Contains(text, StringComparison.Ordinal) && await body.ReadAsync(buffer, patience.Token) is > 0 and var length)
                read.Append(Encoding.Latin1.GetString(buffer, 0, length));
        }
        catch (OperationCanceledException)
        {
            read.Append(" (and no more)");
        }

        return read.ToString();
    }

    private async Task<HttpRequestMessage> RequestOf(AccessRow row, Uri? at = null)
    {
        var request = new HttpRequestMessage(row.Method, new Uri(at ?? _services.Address, await _things.Fill(row.Address))) { Content = await ContentOf(row) };
        if (row.Changes)
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return request;
    }

    private async Task<HttpContent?> ContentOf(AccessRow row)
    {
        if (row.Sends == "{a file}")
            return new StringContent("text\nswift\n", new MediaTypeHeaderValue("text/csv"));
        if (row.Sends == "{a form with a file}")
            return new MultipartFormDataContent { { new StringContent(""), "__RequestVerificationToken" }, { new ByteArrayContent("text\nswift\n"u8.ToArray()), "file", "birds.csv" } };

        var sends = await _things.Fill(row.Sends);
        if (row.IsForm)
            return new FormUrlEncodedContent(sends.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=', 2)).Select(f => KeyValuePair.Create(f[0], Uri.UnescapeDataString(f[1]))));
        return sends.Length > 0 ? new StringContent(sends, new MediaTypeHeaderValue("application/json")) : null;
    }
}
