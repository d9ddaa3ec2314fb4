using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Marketplace.Demo;

/// <summary>What a service answered.</summary>
internal sealed record Reply(HttpStatusCode Status, JsonElement Body, TimeSpan? RetryAfter)
{
    public bool Ok => (int)Status < 300;

    /// <summary>The body of a success.</summary>
    /// <exception cref="InvalidOperationException">It was refused; the message says why.</exception>
    public JsonElement Wanted() => Ok ? Body : throw new InvalidOperationException($"Refused with {(int)Status}: {Body}");
}

/// <summary>Somebody with an account, who uses the marketplace as any program may: JSON, with the sign-in token as bearer.</summary>
/// <param name="http">Leads to the gateway.</param>
/// <param name="root">Where the account is signed in: empty for workers, <c>/requester</c> for requesters.</param>
internal sealed class Visitor(HttpClient http, string root)
{
    private string _token = "";
    private DateTimeOffset _expiresAt;

    /// <summary>Opens an account, or signs in to the one that is there since the last time.</summary>
    internal async Task Enter(string name, string email, string password)
    {
        var reply = await Send(HttpMethod.Post, root + "/sign-up", JsonContent.Create(new { name, email, password }));
        if (reply.Status == HttpStatusCode.Conflict)
            reply = await Send(HttpMethod.Post, root + "/sign-in", JsonContent.Create(new { email, password }));
        Keep(reply.Wanted());
    }

    internal Task<Reply> Get(string path) => Call(HttpMethod.Get, path, null);

    internal Task<Reply> Post(string path, object body) => Call(HttpMethod.Post, path, JsonContent.Create(body));

    /// <summary>Posts what is no JSON: a file, or a form with files.</summary>
    internal Task<Reply> Post(string path, HttpContent body) => Call(HttpMethod.Post, path, body);

    /// <summary>Returns the task that is open, if there is one, so that it does not wait for its lease to end.</summary>
    internal async Task GiveBack()
    {
        try
        {
            if ((await Get("/")).Wanted().GetProperty("openAssignmentId") is { ValueKind: JsonValueKind.String } open)
                await Post($"/assignments/{open.GetGuid()}/return", new { });
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidOperationException)
        {
            Console.Error.WriteLine($"A task stays open until its lease ends: {e.Message}");
        }
    }

    private async Task<Reply> Call(HttpMethod method, string path, HttpContent? body)
    {
        if (DateTimeOffset.UtcNow > _expiresAt - TimeSpan.FromMinutes(1))
            Keep((await Send(HttpMethod.Post, root + "/sign-in/renew", null)).Wanted());
        return await Send(method, path, body);
    }

    private async Task<Reply> Send(HttpMethod method, string path, HttpContent? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.ParseAdd("application/json");
        if (_token.Length > 0)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (body is JsonContent && path.StartsWith("/ledger/", StringComparison.Ordinal))
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());

        using var response = await http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return new(
            response.StatusCode,
            isJson ? JsonSerializer.Deserialize<JsonElement>(bytes) : default,
            response.Headers.RetryAfter?.Delta);
    }

    private void Keep(JsonElement token)
    {
        _token = token.GetProperty("token").GetString()!;
        _expiresAt = token.GetProperty("expiresAt").GetDateTimeOffset();
    }
}
