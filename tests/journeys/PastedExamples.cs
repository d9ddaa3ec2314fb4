using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marketplace.ServiceTests;

namespace Marketplace.JourneyTests;

/// <summary>
/// Somebody who has only <c>/openapi.json</c> and pastes what stands in it, from the first sign-up to the payout: every example of every service works as it is.
/// </summary>
public sealed class PastedExamples : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly HashSet<string> _pasted = [];
    private AllServices _services = null!;
    private JsonElement _paths;

    public async ValueTask InitializeAsync() => _services = await AllServices.Start(_clock, RunningMarketplace.AtOnce);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Every_example_works_when_pasted()
    {
        using var requester = Anybody();
        _paths = (await Get(requester, "/openapi.json")).GetProperty("paths");
        await SignsIn(requester, "/requester");
        await Paste(requester, "/ledger/deposits");
        await Until(async () => (await Get(requester, "/api/deposit")).GetProperty("availableMicros").GetInt64() > 0);
        var job = await Posts(requester);

        using var worker = Anybody();
        await SignsIn(worker, "");
        await Until(async () => (await Get(worker, "/")).GetProperty("jobs").GetArrayLength() == 1);
        var task = (await Send(worker, HttpMethod.Post, $"/jobs/{job}/claims", null)).GetProperty("assignmentId").GetGuid();
        _clock.LetPass(TimeSpan.FromSeconds(5));
        await Paste(worker, "/assignments/{assignmentId}/answer", task);
        await Until(async () => (await Get(worker, "/earnings")).GetProperty("balanceMicros").GetInt64() > 0);
        await Paste(worker, "/ledger/cash-out");

        Assert.Equal(Examples().Order(), _pasted.Order());
    }

    private async Task SignsIn(HttpClient program, string root)
    {
        await Paste(program, root + "/sign-up");
        var token = (await Paste(program, root + "/sign-in")).GetProperty("token").GetString();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private async Task<Guid> Posts(HttpClient requester)
    {
        await Paste(requester, "/api/keys");
        var job = (await Paste(requester, "/api/jobs")).GetProperty("jobId").GetGuid();
        await Paste(requester, "/api/jobs/{jobId}", job, HttpMethod.Put);
        foreach (var type in new[] { "text/csv", "application/x-ndjson" })
            await Paste(requester, "/api/jobs/{jobId}/upload", job, type: type);
        await Paste(requester, "/api/jobs/{jobId}/post", job);
        await Paste(requester, "/api/jobs/{jobId}/budget", job);
        return job;
    }

    /// <summary>Sends what stands in the description, with the headers that stand there.</summary>
    private async Task<JsonElement> Paste(HttpClient program, string path, Guid? id = null, HttpMethod? method = null, string type = "application/json")
    {
        method ??= HttpMethod.Post;
        var described = _paths.GetProperty(path).GetProperty(method.Method.ToLowerInvariant());
        _pasted.Add($"{method.Method.ToLowerInvariant()} {path} {type}");
        var example = described.GetProperty("requestBody").GetProperty("content").GetProperty(type).GetProperty("example");
        var body = example.ValueKind == JsonValueKind.String ? example.GetString()! : example.GetRawText();
        var address = id is null ? path : path[..path.IndexOf('{', StringComparison.Ordinal)] + id + path[(path.IndexOf('}', StringComparison.Ordinal) + 1)..];
        return await Send(program, method, address, new StringContent(body, Encoding.UTF8, type), Headers(described));
    }

    private static IEnumerable<(string Name, string Value)> Headers(JsonElement described) =>
        described.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(p => p.TryGetProperty("example", out _)).Select(p => (p.GetProperty("name").GetString()!, p.GetProperty("example").GetString()!))
            : [];

    /// <summary>Everything in the description that has an example.</summary>
    private IEnumerable<string> Examples() =>
        from path in _paths.EnumerateObject()
        from method in path.Value.EnumerateObject()
        where method.Value.TryGetProperty("requestBody", out _)
        from content in method.Value.GetProperty("requestBody").GetProperty("content").EnumerateObject()
        where content.Value.TryGetProperty("example", out _)
        select $"{method.Name} {path.Name} {content.Name}";

    private static Task<JsonElement> Get(HttpClient program, string address) => Send(program, HttpMethod.Get, address, null);

    private static async Task<JsonElement> Send(
        HttpClient program, HttpMethod method, string address, HttpContent? body, IEnumerable<(string Name, string Value)>? headers = null)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body };
        foreach (var (name, value) in headers ?? [])
            request.Headers.Add(name, value);
        using var response = await program.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{method} {address}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private static Task Until(Func<Task<bool>> isSo) => Wait.Eventually(isSo);

    private HttpClient Anybody() => new() { BaseAddress = _services.Address, DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } } };
}
