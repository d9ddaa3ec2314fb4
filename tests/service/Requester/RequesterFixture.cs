using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.PayRule;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>A requester service that knows a pay policy, and the few states that its tests start from, reached as production reaches them.</summary>
public class RequesterFixture : IAsyncLifetime
{
    internal const long Euro = 1_000_000;

    internal RunningService Service { get; private set; } = null!;

    internal Broker Broker => Service.Broker;

    public async ValueTask InitializeAsync()
    {
        Service = await RunningService.Start("requester", RequesterService.Build, null, Settings);
        await KnowsThePolicy(Service);
    }

    protected virtual string[] Settings => [];

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Service.DisposeAsync();
    }

    internal static async Task KnowsThePolicy(RunningService service)
    {
        await service.Broker.Publish(PayPolicy.Default(1, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToEvent());
        await Wait.Eventually(async () => await Count(service, "select count(*) from pay_policy") == 1, "the pay policy is known");
    }

    /// <summary>A program of a requester with so much on deposit.</summary>
    internal async Task<HttpClient> ARequesterWith(long micros, Guid? id = null)
    {
        var requester = id ?? Guid.NewGuid();
        await Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = micros });
        var client = Service.Requester(requester);
        await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("creditedTotalMicros").GetInt64() == micros, "the deposit is credited");
        return client;
    }

    /// <summary>What a draft says unless a test says otherwise: 0.0375 EUR for 9 s, limit 60 s, W = 0.30 EUR.</summary>
    internal static object ADraft(
        object? rewardMicros = null, long? estimateMs = 9_000, int wanted = 3, string? textColumn = "text", string? imageColumn = null, long? budgetMicros = null, string title = "Name the bird") => new
        {
            title,
            question = "Which bird is it?",
            labels = new[] { "wren", "robin", "swift" },
            rewardMicros = rewardMicros ?? 37_500L,
            estimateMs,
            wanted,
            textColumn,
            imageColumn,
            budgetMicros,
        };

    internal static async Task<Guid> Draft(HttpClient client, object? draft = null)
    {
        var response = await client.PostAsJsonAsync("/api/jobs", draft ?? ADraft());
        Assert.Equal(201, (int)response.StatusCode);
        return (await response.Json()).GetProperty("jobId").GetGuid();
    }

    internal static Task<HttpResponseMessage> Upload(HttpClient client, Guid job, string file) => Upload(client, job, Encoding.UTF8.GetBytes(file));

    internal static async Task<HttpResponseMessage> Upload(HttpClient client, Guid job, byte[] file, string type = "text/csv")
    {
        using var body = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        return await client.PostAsync($"/api/jobs/{job}/upload", body);
    }

    internal static Task<HttpResponseMessage> Post(HttpClient client, Guid job, object? request = null, string? key = null) =>
        client.PostOnce($"/api/jobs/{job}/post", request ?? new { }, key);

    /// <summary>A job that is posted, with so many tasks.</summary>
    internal async Task<(HttpClient Client, Guid Job)> APostedJob(int tasks = 2, int wanted = 3, long deposit = 100 * Euro)
    {
        var client = await ARequesterWith(deposit);
        var job = await Draft(client, ADraft(wanted: wanted));
        (await Upload(client, job, "text\n" + string.Concat(Enumerable.Range(1, tasks).Select(n => $"bird {n}\n")))).EnsureSuccessStatusCode();
        (await Post(client, job)).EnsureSuccessStatusCode();
        return (client, job);
    }

    internal static AnswerSubmitted AnAnswer(Guid job, int task, string label, Guid? pseudonym = null) => new()
    {
        AnswerId = Guid.NewGuid(),
        JobId = job,
        TaskNumber = task,
        Pseudonym = pseudonym ?? Guid.NewGuid(),
        Answer = JsonSerializer.SerializeToElement(new { label }),
        SubmittedAt = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero),
    };

    internal static async Task Answered(HttpClient client, Guid job, long answers) => await Wait.Eventually(
        async () => (await client.Json($"/api/jobs/{job}")).GetProperty("answers").GetInt64() == answers, $"{answers} answers are in");

    internal static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The smallest PNG: one pixel.</summary>
    internal static byte[] APicture => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    internal static async Task<long> Count(RunningService service, string sql)
    {
        await using var connection = await service.Database.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}

/// <summary>The same, showing what people did every five minutes, as production does.</summary>
public sealed class SteppedRequesterFixture : RequesterFixture
{
    protected override string[] Settings => ["--Publication:Every=00:05:00"];
}

/// <summary>Reads what a service answers.</summary>
internal static class Responses
{
    internal static async Task<JsonElement> Json(this HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    internal static async Task<JsonElement> Json(this HttpClient client, string address)
    {
        var response = await client.GetAsync(address, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Json();
    }

    /// <summary>Checks that a request was refused as a problem with this status, and returns its messages with their fields.</summary>
    internal static async Task<string> Refused(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(text);
        return problem.GetProperty("detail").GetString() + " " + (problem.TryGetProperty("errors", out var errors) ? errors.GetRawText() : "");
    }
}
