using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Marketplace.PayRule;
using Marketplace.Worker;
using Marketplace.Worker.Assignments;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Worker;

/// <summary>A worker service for a class of tests, and the few states that its tests start from, reached as production reaches them. It sweeps when a test says so.</summary>
public class WorkerFixture : IAsyncLifetime
{
    internal const long Reward = 37_500;

    internal RunningService Service { get; private set; } = null!;

    internal Broker Broker => Service.Broker;

    internal DrivenClock Clock => Service.Clock;

    public async ValueTask InitializeAsync()
    {
        Service = await RunningService.Start(
            "worker", WorkerService.Build, null, ["--Assignments:SweepEvery=1.00:00:00", "--Assignments:ResendAfter=1.00:00:00", .. Settings]);
        await Broker.Publish(Policy(1).ToEvent());
        await Wait.Eventually(async () => await Ask<int>("select count(*) from pay_policy") == 1);
    }

    protected virtual string[] Settings => [];

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Service.DisposeAsync();
    }

    internal static PayPolicy Policy(int version) => PayPolicy.Default(version, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>A job as its requester posts it: 0.0375 EUR for 9 s, limit 60 s, idle limit 30 s, taken from 2.25 s on, lease 10 min.</summary>
    internal static JobPosted AJob(int tasks = 10, int wanted = 1, int words = 0) => new()
    {
        JobId = Guid.CreateVersion7(),
        RequesterId = Guid.NewGuid(),
        RequesterName = "Bird Atlas",
        Title = "Name the bird",
        Instructions = words == 0 ? "" : "Look at the beak first.",
        InstructionWords = words,
        Template = new JobTemplate { Kind = JobTemplate.Choice, Question = "Which bird is it?", Labels = ["wren", "robin"], TextColumn = "song" },
        RewardMicros = Reward,
        EstimateMs = 9_000,
        TimeLimitMs = null,
        TermsVersion = 1,
        Tasks = tasks,
        Wanted = wanted,
        BudgetMicros = 3_000_000,
        PostedAt = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero),
    };

    internal static JobFunded Funding(JobPosted job, long funded) =>
        new() { JobId = job.JobId, Funded = funded, WorstMicros = 300_000, PolicyVersion = 1 };

    internal static TaskPosted Tasks(JobPosted job, int first = 1, int? count = null) => new()
    {
        JobId = job.JobId,
        FirstNumber = first,
        Wanted = job.Wanted,
        Inputs = [.. Enumerable.Range(first, count ?? job.Tasks).Select(n => JsonSerializer.SerializeToElement(new { song = $"tune {n}" }))],
    };

    /// <summary>A job with all its tasks, and money for so many claims (as many as are wanted, if not said).</summary>
    internal async Task<JobPosted> AFundedJob(int tasks = 10, int wanted = 1, long? funded = null, int words = 0)
    {
        var job = AJob(tasks, wanted, words);
        await Broker.Publish(job);
        await Broker.Publish(Tasks(job));
        await Broker.Publish(Funding(job, funded ?? ((long)tasks * wanted)));
        await Opened(job, Math.Min(funded ?? long.MaxValue, (long)tasks * wanted));
        return job;
    }

    /// <summary>Waits until so many slots were opened.</summary>
    internal Task Opened(JobPosted job, long slots) => Wait.Eventually(
        async () => await Ask<long?>("select opened from job where job_id = @JobId and posted_at is not null", new { job.JobId }) == slots, $"{slots} slots are open");

    internal HttpClient As(Guid worker) => Service.Worker(worker);

    internal Task<HttpResponseMessage> Claim(Guid worker, JobPosted job) => Claim(worker, job.JobId);

    internal async Task<HttpResponseMessage> Claim(Guid worker, Guid job)
    {
        using var client = As(worker);
        return await client.PostAsync($"/jobs/{job}/claims", null);
    }

    /// <summary>A claim that gets a task.</summary>
    internal async Task<JsonElement> Claimed(Guid worker, JobPosted job)
    {
        using var response = await Claim(worker, job);
        Assert.True(response.IsSuccessStatusCode, await response.Text());
        return await response.Json();
    }

    /// <summary>Any of an assignment's verbs.</summary>
    internal async Task<HttpResponseMessage> Post(Guid worker, Guid assignment, string verb, object? body = null)
    {
        using var client = As(worker);
        return await client.PostAsync($"/assignments/{assignment}/{verb}", body is null ? null : JsonContent.Create(body));
    }

    internal Task<HttpResponseMessage> Submit(Guid worker, Guid assignment, string label = "wren", bool stop = true, long askedMs = 0) =>
        Post(worker, assignment, "answer", new { answer = new { label }, stop, askedMs });

    internal void After(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    internal Task Sweep() => Service.Services.GetRequiredService<ExpireAssignments>().Sweep(TestContext.Current.CancellationToken);

    internal async Task<T?> Ask<T>(string sql, object? parameters = null)
    {
        await using var connection = await Service.Database.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    /// <summary>What payment was told of an end.</summary>
    internal async Task<TaskCompleted> Completed(Guid assignment)
    {
        TaskCompleted? heard = null;
        await Wait.Eventually(() => (heard = Broker.Heard<TaskCompleted>().FirstOrDefault(e => e.AssignmentId == assignment)) is not null, "the end is told");
        return heard!;
    }

    internal static Guid IdOf(JsonElement work) => work.GetProperty("assignmentId").GetGuid();

    internal static int NumberOf(JsonElement work) => work.GetProperty("taskNumber").GetInt32();
}

/// <summary>The same, with a list of jobs that is counted every five minutes, as in production.</summary>
public sealed class SteppedWorkerFixture : WorkerFixture
{
    protected override string[] Settings => ["--Publication:Every=00:05:00"];
}

/// <summary>Reading responses.</summary>
internal static class Responses
{
    internal static Task<string> Text(this HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    internal static async Task<JsonElement> Json(this HttpResponseMessage response) => JsonDocument.Parse(await response.Text()).RootElement.Clone();

    internal static async Task<JsonElement> Problem(this HttpResponseMessage response, int status)
    {
        var body = await response.Text();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    internal static async Task<string> Reason(this HttpResponseMessage response, int status = 409) =>
        (await response.Problem(status)).GetProperty("reason").GetString()!;
}
