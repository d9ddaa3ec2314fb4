using System.Net;
using System.Text.Json;

namespace Marketplace.ServiceTests.Worker;

/// <summary>The first page: what a worker is offered, what a visitor sees, and the rules in force, for people and for programs.</summary>
public sealed class ListJobsTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task A_worker_is_offered_what_is_funded_and_not_done_yet()
    {
        var worker = Guid.NewGuid();
        var (job, waits) = (await given.AFundedJob(tasks: 2), await given.AFundedJob(tasks: 2, funded: 1));
        Assert.Equal((2, false), await Left(worker, job));

        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        Assert.Equal((1, false), await Left(worker, job));
        Assert.Equal(work, (await Jobs(worker)).GetProperty("openAssignmentId").GetGuid());
        given.After(5);
        (await given.Submit(worker, work, stop: true)).EnsureSuccessStatusCode();

        await given.Post(worker, WorkerFixture.IdOf(await given.Claimed(worker, waits)), "return");
        Assert.Equal((0, true), await Left(worker, waits));
    }

    [Fact]
    public async Task A_job_that_is_done_or_closed_is_not_listed()
    {
        var worker = Guid.NewGuid();
        var (done, closed) = (await given.AFundedJob(tasks: 1, wanted: 2), await given.AFundedJob());
        var work = WorkerFixture.IdOf(await given.Claimed(worker, done));
        given.After(5);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        await given.Broker.Publish(new JobClosed { JobId = closed.JobId });

        await Wait.Eventually(async () => await Left(worker, closed) is null, "the closed job is off the list");
        Assert.Null(await Left(worker, done));
        Assert.Equal((1, false), await Left(Guid.NewGuid(), done));
    }

    [Fact]
    public async Task What_was_measured_is_shown_instead_of_the_estimate()
    {
        var job = await given.AFundedJob();
        await given.Broker.Publish(Measures(job));
        await Wait.Eventually(async () => (await Job(Guid.NewGuid(), job))?.GetProperty("hourlyMedianMicros").ValueKind == JsonValueKind.Number);

        var page = await Page(Guid.NewGuid(), "/");
        Assert.Contains("middle half 15.25 to 18.87", page, StringComparison.Ordinal);
        Assert.Contains("24 to 41 s", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_names_its_form_controls_and_keeps_markup_out_of_titles()
    {
        var job = WorkerFixture.AJob() with { Title = "<script>alert(1)</script>" };
        await given.Broker.Publish(job);
        await given.Broker.Publish(WorkerFixture.Tasks(job));
        await given.Broker.Publish(WorkerFixture.Funding(job, 10));
        await given.Opened(job, 10);

        var page = await Page(Guid.NewGuid(), "/?sort=newest");
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Contains("<label for=\"sort\"", page, StringComparison.Ordinal);
        Assert.Contains($"action=\"/jobs/{job.JobId}/claims\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visitor_sees_the_promise_and_the_rules()
    {
        await Wait.Eventually(async () => (await Page(null, "/")).Contains("15.00 EUR</mark> an hour", StringComparison.Ordinal), "the policy is heard of");
        var rules = await Page(null, "/policy");
        Assert.Contains("Pay policy 1", rules, StringComparison.Ordinal);
        Assert.Contains("10 min", rules, StringComparison.Ordinal);

        using var program = Client(null, "application/json");
        Assert.Equal(15_000_000, (await (await program.GetAsync("/policy", Cancel)).Json()).GetProperty("floorMicrosPerHour").GetInt64());
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/", Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/earnings")]
    [InlineData("/payslips/2026-03-03")]
    public async Task What_is_a_workers_own_asks_who_one_is(string address)
    {
        using var program = Client(null, "application/json");
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync(address, Cancel)).StatusCode);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static JobMeasured Measures(JobPosted job) => new()
    {
        JobId = job.JobId,
        Version = 10,
        People = 5,
        Submitted = 10,
        Returned = 0,
        Expired = 0,
        Broken = 0,
        PaidSubmittedMicros = 375_000,
        PaidUnsubmittedMicros = 0,
        TopUpMicros = 0,
        FeeMicros = 0,
        LevyMicros = 0,
        CreditedMs = 90_000,
        CreditedQuartilesMs = [24_100, 29_000, 41_200],
        MeasuredMs = null,
        HourlyQuartilesMicros = [15_250_000, 16_100_000, 18_870_000],
        HourlyLowestMicros = 15_000_000,
        HourlyHistogram = [1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        EscrowMicros = 2_000_000,
        Finished = false,
    };

    private HttpClient Client(Guid? worker, string accept)
    {
        var client = worker is { } id ? given.As(id) : new HttpClient { BaseAddress = given.Service.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd(accept);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en-GB");
        return client;
    }

    private async Task<JsonElement> Jobs(Guid worker)
    {
        using var client = Client(worker, "application/json");
        return await (await client.GetAsync("/", Cancel)).Json();
    }

    private async Task<JsonElement?> Job(Guid worker, JobPosted job) => (await Jobs(worker)).GetProperty("jobs").EnumerateArray()
        .Where(j => j.GetProperty("jobId").GetGuid() == job.JobId).Select(j => (JsonElement?)j).FirstOrDefault();

    private async Task<(int Left, bool Waits)?> Left(Guid worker, JobPosted job) =>
        await Job(worker, job) is { } listed ? (listed.GetProperty("left").GetInt32(), listed.GetProperty("waits").GetBoolean()) : null;

    /// <summary>As a browser sees it: signed in by cookie.</summary>
    private async Task<string> Page(Guid? worker, string address)
    {
        using var client = new HttpClient { BaseAddress = given.Service.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en-GB");
        if (worker is { } id)
        {
            using var bearer = given.As(id);
            client.DefaultRequestHeaders.Add("Cookie", $"worker={bearer.DefaultRequestHeaders.Authorization!.Parameter}");
        }

        using var response = await client.GetAsync(address, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        return await response.Text();
    }
}
