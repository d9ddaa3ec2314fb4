using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.ServiceTests.Requester;

namespace Marketplace.ServiceTests.Access;

/// <summary>
/// What the names in braces stand for: real objects of the table's owners, made by requests as production makes them. One whose name begins with <c>new</c> is made for
/// each question, so that an answer cannot depend on who asked before.
/// </summary>
internal sealed partial class Things(HttpClient http, Cast cast, DrivenClock clock)
{
    private readonly Dictionary<string, string> _made = [];
    private readonly Dictionary<string, string> _once = [];

    /// <summary>Forgets what was made for the last question.</summary>
    internal void NextQuestion() => _once.Clear();

    internal async Task<string> Fill(string text)
    {
        foreach (var name in Name().Matches(text).Select(m => m.Groups[1].Value).Distinct())
            text = text.Replace($"{{{name}}}", await Find(name), StringComparison.Ordinal);
        return text;
    }

    /// <summary>A job that is claimable, one answer to it, and the pay for that on the worker's balance.</summary>
    internal async Task Prepare()
    {
        await Send(Asker.Requester, HttpMethod.Post, "/ledger/deposits", new { amountMicros = 500_000_000L });
        await Wait.Eventually(async () => (await Ask(Asker.Requester, "/api/deposit")).GetProperty("creditedTotalMicros").GetInt64() > 0, "the deposit is credited");
        await Find("job");
        var assignment = _made["assignment"] = await Find("new assignment");
        clock.Advance(TimeSpan.FromSeconds(5));
        await Send(Asker.Worker, HttpMethod.Post, $"/assignments/{assignment}/answer", new { answer = new { label = "wren" }, stop = true });
        await Wait.Eventually(async () => (await Ask(Asker.Requester, $"/api/jobs/{_made["job"]}")).GetProperty("answers").GetInt64() == 1, "the answer has arrived");
        _made["answer"] = (await Ask(Asker.Requester, $"/api/jobs/{_made["job"]}/answers")).GetProperty("tasks")[0].GetProperty("answers")[0].GetProperty("answerId").GetString()!;
        await Wait.Eventually(async () => (await Ask(Asker.Worker, "/earnings")).GetProperty("balanceMicros").GetInt64() > 0, "the worker is paid");
        NextQuestion();
    }

    private async Task<string> Find(string name)
    {
        if (name.Split(':') is [_, var literal])
            return literal;
        var kept = name.StartsWith("new ", StringComparison.Ordinal) || name == "email" ? _once : _made;
        if (!kept.TryGetValue(name, out var made))
            kept[name] = made = await Make(name);
        return made;
    }

    private async Task<string> Make(string name) => name switch
    {
        "email" => Cast.NewEmail(),
        "worker email" => cast[Asker.Worker].Email,
        "requester email" => cast[Asker.Requester].Email,
        "today" => clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "draft" or "new draft" => await Draft("text\nwren\nrobin\n"),
        "job" or "new job" => await Job(),
        "new assignment" => await Assignment(),
        "new key" => (await Send(Asker.Requester, HttpMethod.Post, "/api/keys", new { name = "To be revoked" })).GetProperty("keyId").GetString()!,
        "picture" => await Picture(),
        _ => throw new ArgumentException($"The table names {name}, which nothing makes."),
    };

    private async Task<string> Draft(string file)
    {
        var draft = (await Send(Asker.Requester, HttpMethod.Post, "/api/jobs", RequesterFixture.ADraft())).GetProperty("jobId").GetString()!;
        await Upload(draft, new StringContent(file, new MediaTypeHeaderValue("text/csv")));
        return draft;
    }

    private async Task<string> Job()
    {
        var job = await Draft("text\n" + string.Concat(Enumerable.Range(1, 40).Select(n => $"bird {n}\n")));
        await Send(Asker.Requester, HttpMethod.Post, $"/api/jobs/{job}/post", new { });
        await Wait.Eventually(async () => (await Ask(Asker.Requester, $"/api/jobs/{job}")).GetProperty("state").GetString() == "running", "the job runs");
        await Wait.Eventually(async () => (await Text(Asker.Worker, "/")).Contains(job, StringComparison.Ordinal), "workers see the job");
        return job;
    }

    /// <summary>The worker's open assignment, from an earlier question or new.</summary>
    private async Task<string> Assignment()
    {
        string? id = null;
        await Wait.Eventually(
            async () =>
            {
                using var answer = await Raw(Asker.Worker, HttpMethod.Post, $"/jobs/{await Find("job")}/claims", new { });
                id = answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("assignmentId").GetString() : null;
                return id is not null;
            },
            "a task can be claimed");
        clock.Advance(TimeSpan.FromSeconds(5));
        return id!;
    }

    private async Task<string> Picture()
    {
        var zip = new ByteArrayContent(RequesterFixture.Zip(("bird.png", RequesterFixture.APicture))) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        await Upload(await Find("draft"), zip);
        return Convert.ToHexStringLower(SHA256.HashData(RequesterFixture.APicture));
    }

    private async Task Upload(string draft, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/jobs/{draft}/upload") { Content = content, Headers = { Authorization = Cast.Bearer(cast[Asker.Requester].Token) } };
        using var answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> Send(Asker who, HttpMethod method, string address, object body)
    {
        using var answer = await Raw(who, method, address, body);
        Assert.True(answer.IsSuccessStatusCode, $"{address}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> Raw(Asker who, HttpMethod method, string address, object body)
    {
        using var request = new HttpRequestMessage(method, address) { Content = JsonContent.Create(body), Headers = { Authorization = Cast.Bearer(cast[who].Token) } };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await http.SendAsync(request);
    }

    private async Task<JsonElement> Ask(Asker who, string address) => JsonElement.Parse(await Text(who, address));

    internal async Task<string> Text(Asker who, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = Cast.Bearer(cast[who].Token) } };
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"\{([a-z][^{}""]*)\}")]
    private static partial Regex Name();
}
