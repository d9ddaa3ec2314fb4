using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Marketplace.Rehearsal;

/// <summary>What a service answered.</summary>
internal sealed record Reply(int Status, JsonElement Body, TimeSpan? RetryAfter)
{
    internal bool Ok => Status < 300;

    /// <summary>A field of a success.</summary>
    internal JsonElement Get(string field) => Ok ? Body.GetProperty(field) : throw new InvalidOperationException($"Refused with {Status}: {Body}");
}

/// <summary>
/// Somebody with an account who does not give up: a request that fails (no answer, or 5xx) is sent again, the very same, until it is answered.
/// </summary>
internal sealed class Caller(HttpClient http, string root, Tally tally)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string _email = $"{Guid.NewGuid():n}@rehearsal.example";
    private string _token = "";
    private DateTimeOffset _expiresAt;

    internal async Task SignUp(string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reply = await Call(HttpMethod.Post, root + "/sign-up", () => JsonContent.Create(new { name, email = _email, password = "several plain words" }), null);
            if (reply.Status == 429 && attempt < 100)
                await Task.Delay(reply.RetryAfter ?? TimeSpan.FromSeconds(1));
            else
            {
                Keep(reply);
                return;
            }
        }
    }

    internal Task<Reply> Get(string path) => Send(HttpMethod.Get, path, () => null, null);

    /// <summary>Posts JSON; with a key where the same request must be done once.</summary>
    internal Task<Reply> Post(string path, object body, string? key = null) => Send(HttpMethod.Post, path, () => JsonContent.Create(body), key);

    internal Task<Reply> PostText(string path, string text, string type) =>
        Send(HttpMethod.Post, path, () => new StringContent(text, new MediaTypeHeaderValue(type)), null);

    private async Task<Reply> Send(HttpMethod method, string path, Func<HttpContent?> body, string? key)
    {
        if (DateTimeOffset.UtcNow > _expiresAt - TimeSpan.FromMinutes(1))
            Keep(await Call(HttpMethod.Post, root + "/sign-in/renew", () => null, null));
        return await Call(method, path, body, key);
    }

    private async Task<Reply> Call(HttpMethod method, string path, Func<HttpContent?> body, string? key)
    {
        var deadline = DateTimeOffset.UtcNow + Patience;
        for (var attempt = 1; ; attempt++)
        {
            var (reply, failure) = await TryCall(method, path, body(), key);
            tally.Count(method, path, attempt, failure);
            if (reply is not null)
                return reply;
            if (DateTimeOffset.UtcNow > deadline)
                throw new TimeoutException($"{method} {path} failed for {Patience.TotalMinutes} minutes: {failure}");
            await Task.Delay(attempt == 1 ? 50 : 500);
        }
    }

    private async Task<(Reply? Reply, string? Failure)> TryCall(HttpMethod method, string path, HttpContent? body, string? key)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.ParseAdd("application/json");
        if (_token.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var response = await http.SendAsync(request);
            if ((int)response.StatusCode >= 500)
                return (null, $"{(int)response.StatusCode}");
            var bytes = await response.Content.ReadAsByteArrayAsync();
            var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
            return (new Reply((int)response.StatusCode, isJson && bytes.Length > 0 ? JsonElement.Parse(bytes) : default, response.Headers.RetryAfter?.Delta), null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            return (null, e.Message);
        }
    }

    private void Keep(Reply reply)
    {
        _token = reply.Get("token").GetString()!;
        _expiresAt = reply.Get("expiresAt").GetDateTimeOffset();
    }
}

/// <summary>How many requests were made, failed at first, and failed again.</summary>
internal sealed class Tally
{
    private readonly Lock _turn = new();
    private DateTimeOffset _failingSince;
    private int _printed;

    internal int Requests { get; private set; }

    internal int Failed { get; private set; }

    internal int FailedAgain { get; private set; }

    /// <summary>The longest time from a failure to the first request that was answered again.</summary>
    internal TimeSpan LongestPause { get; private set; }

    internal void Count(HttpMethod method, string path, int attempt, string? failure)
    {
        lock (_turn)
        {
            Requests += attempt == 1 ? 1 : 0;
            if (failure is null)
            {
                var pause = _failingSince == default ? TimeSpan.Zero : DateTimeOffset.UtcNow - _failingSince;
                (LongestPause, _failingSince) = (pause > LongestPause ? pause : LongestPause, default);
                return;
            }

            (Failed, FailedAgain) = (Failed + (attempt == 1 ? 1 : 0), FailedAgain + (attempt == 2 ? 1 : 0));
            _failingSince = _failingSince == default ? DateTimeOffset.UtcNow : _failingSince;
            if (++_printed <= 10)
                Console.WriteLine($"      {DateTimeOffset.UtcNow:HH:mm:ss.fff} {method} {path} failed: {failure}");
        }
    }
}
