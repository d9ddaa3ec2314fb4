using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Marketplace.Platform;

namespace Marketplace.Faults.People;

/// <summary>A final answer.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonElement Body, string Text)
{
    internal bool Ok => (int)Status < 300;

    internal string Reason => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("reason", out var reason) ? reason.GetString() ?? "" : "";

    internal Guid Guid(string name) => Body.GetProperty(name).GetGuid();

    internal long Long(string name) => Body.GetProperty(name).GetInt64();

    internal string Word(string name) => Body.GetProperty(name).GetString()!;
}

/// <summary>
/// Somebody's program, as careful as its documentation asks it to be: no answer, or "come back later", and the same request is sent again
/// with the same key, by the other gateway, until there is a final answer.
/// </summary>
internal sealed class Caller(IReadOnlyList<Uri> gateways, SignInTokens tokens, Guid account, Memory memory) : IDisposable
{
    private static readonly TimeSpan Renew = TimeSpan.FromMinutes(4);
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(12) };
    private string _token = "";
    private DateTimeOffset _tokenFrom;
    private int _gateway = account.GetHashCode() & 1;

    internal Guid Account => account;

    internal Task<Reply> Get(string path, CancellationToken cancel) => Ask(HttpMethod.Get, path, null, null, cancel);

    internal Task<Reply> Post(string path, object body, CancellationToken cancel, string? key = null) =>
        Ask(HttpMethod.Post, path, () => JsonContent.Create(body), key, cancel);

    internal Task<Reply> PostCsv(string path, string csv, CancellationToken cancel) =>
        Ask(HttpMethod.Post, path, () => new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv")), null, cancel);

    /// <exception cref="OperationCanceledException">No final answer came in time.</exception>
    private async Task<Reply> Ask(HttpMethod method, string path, Func<HttpContent>? body, string? key, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (await Try(method, path, body, key, cancel) is { } reply)
                return reply;

            Interlocked.Increment(ref memory.Retries);
            _gateway ^= 1;
            await Task.Delay(250, cancel);
        }
    }

    /// <summary>One attempt; null where the answer is not final.</summary>
    private async Task<Reply?> Try(HttpMethod method, string path, Func<HttpContent>? body, string? key, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(gateways[_gateway], path)) { Content = body?.Invoke() };
            request.Headers.Accept.ParseAdd("application/json");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token());
            if (key is not null)
                request.Headers.Add("Idempotency-Key", key);
            using var response = await _http.SendAsync(request, cancel);
            var text = await response.Content.ReadAsStringAsync(cancel);
            if ((int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)
            {
                if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                    _token = "";
                return null;
            }

            var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
            return new(response.StatusCode, isJson ? JsonSerializer.Deserialize<JsonElement>(text) : default, text);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private string Token()
    {
        if (_token.Length == 0 || DateTimeOffset.UtcNow - _tokenFrom > Renew)
        {
            _tokenFrom = DateTimeOffset.UtcNow;
            _token = tokens.Issue(account, "Somebody", Guid.NewGuid(), _tokenFrom).Token;
        }

        return _token;
    }

    public void Dispose() => _http.Dispose();
}
