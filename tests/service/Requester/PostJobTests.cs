using System.Net.Http.Json;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>Posting: money leaves the deposit once, the others hear of it, and what cannot be is refused and changes nothing.</summary>
public sealed class PostJobTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    private const long Euro = RequesterFixture.Euro;

    [Fact]
    public async Task A_posted_job_takes_its_budget_at_once_and_tells_the_others()
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\nrobin\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, job, new { budgetMicros = 3 * Euro })).EnsureSuccessStatusCode();

        Assert.Equal(7 * Euro, (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
        await Wait.Eventually(() => given.Broker.Heard<JobPosted>().Any(e => e.JobId == job));
        var posted = given.Broker.Heard<JobPosted>().Single(e => e.JobId == job);
        Assert.Equal((2, 3, 3 * Euro, 37_500), (posted.Tasks, posted.Wanted, posted.BudgetMicros, posted.RewardMicros));
        Assert.Equal(["wren", "robin", "swift"], posted.Template.Labels);
        Assert.Equal("posted", (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString());

        await given.Broker.Publish(new JobFunded { JobId = job, Funded = 10, WorstMicros = 300_000, PolicyVersion = 1 });
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString() == "running", "it runs");
    }

    [Fact]
    public async Task The_same_key_posts_once_and_another_request_under_it_is_refused()
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();

        var first = await (await RequesterFixture.Post(client, job, new { budgetMicros = Euro }, "once")).Json();
        var again = await (await RequesterFixture.Post(client, job, new { budgetMicros = Euro }, "once")).Json();
        Assert.Equal(first.GetRawText(), again.GetRawText());
        await (await RequesterFixture.Post(client, job, new { budgetMicros = 2 * Euro }, "once")).Refused(409);
        await (await RequesterFixture.Post(client, job, new { budgetMicros = Euro }, "twice")).Refused(409);
        Assert.Equal(9 * Euro, (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
    }

    [Theory]
    [InlineData(0L, "reward")]
    [InlineData(-1L, "reward")]
    [InlineData(1_000_000_001L, "reward")]
    [InlineData(long.MaxValue, "reward")]
    public async Task A_reward_of_nothing_or_beyond_all_bounds_is_refused_at_its_field(long reward, string field)
    {
        var client = await given.ARequesterWith(10 * Euro);
        var response = await client.PostAsJsonAsync("/api/jobs", RequesterFixture.ADraft(reward), TestContext.Current.CancellationToken);
        Assert.Contains($"\"{field}\"", await response.Refused(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reward_too_large_for_any_number_or_not_a_number_is_refused()
    {
        var client = await given.ARequesterWith(10 * Euro);
        foreach (var body in new[] { """{"rewardMicros":1e40}""", """{"rewardMicros":"much"}""", "{", "[]", "null" })
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            Assert.Equal(400, (int)(await client.PostAsync("/api/jobs", content, TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    [Fact]
    public async Task A_reward_under_the_floor_is_refused_with_what_would_be_accepted()
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client, RequesterFixture.ADraft(50_000, 30_000));
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();

        Assert.Contains("needs at least 0.125 EUR", await (await RequesterFixture.Post(client, job)).Refused(400), StringComparison.Ordinal);
        Assert.Equal(10 * Euro, (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
        Assert.DoesNotContain(given.Broker.Heard<JobPosted>(), e => e.JobId == job);
    }

    [Theory]
    [InlineData(299_999, "at least 0.30 EUR")]
    [InlineData(10_000_001, "You have 10.00 EUR on deposit")]
    [InlineData(long.MaxValue, "You have 10.00 EUR on deposit")]
    [InlineData(0, "more than 0")]
    [InlineData(-5, "more than 0")]
    public async Task A_budget_under_the_worst_case_or_over_the_deposit_is_refused(long budget, string why)
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();

        Assert.Contains(why, await (await RequesterFixture.Post(client, job, new { budgetMicros = budget })).Refused(400), StringComparison.Ordinal);
        Assert.Equal("draft", (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_draft_says_everything_that_is_missing_at_once()
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client, new { });
        var missing = await (await RequesterFixture.Post(client, job)).Refused(400);
        foreach (var field in new[] { "title", "question", "labels", "reward", "file" })
            Assert.Contains($"\"{field}\"", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_jobs_at_once_never_spend_the_same_money()
    {
        var client = await given.ARequesterWith(5 * Euro);
        var jobs = new List<Guid>();
        for (var n = 0; n < 4; n++)
        {
            jobs.Add(await RequesterFixture.Draft(client));
            (await RequesterFixture.Upload(client, jobs[n], "text\nwren\n")).EnsureSuccessStatusCode();
        }

        var posted = await Task.WhenAll(jobs.Select(job => RequesterFixture.Post(client, job, new { budgetMicros = 2 * Euro })));
        Assert.Equal(2, posted.Count(p => p.IsSuccessStatusCode));
        Assert.Equal(Euro, (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
    }

    [Fact]
    public async Task Unknown_ids_and_another_requesters_are_the_same_nothing()
    {
        var (client, job) = await given.APostedJob();
        var other = await given.ARequesterWith(10 * Euro);
        foreach (var (who, id) in new[] { (other, job), (client, Guid.NewGuid()) })
        {
            await (await who.GetAsync($"/api/jobs/{id}", TestContext.Current.CancellationToken)).Refused(404);
            await (await who.GetAsync($"/api/jobs/{id}/answers", TestContext.Current.CancellationToken)).Refused(404);
            await (await who.GetAsync($"/api/jobs/{id}/tasks", TestContext.Current.CancellationToken)).Refused(404);
            await (await who.GetAsync($"/api/jobs/{id}/download.csv", TestContext.Current.CancellationToken)).Refused(404);
            await (await who.GetAsync($"/api/jobs/{id}/events", TestContext.Current.CancellationToken)).Refused(404);
            await (await RequesterFixture.Post(who, id)).Refused(404);
            await (await who.PostOnce($"/api/jobs/{id}/budget", new { addMicros = Euro })).Refused(404);
            await (await who.PostAsync($"/api/jobs/{id}/close", null, TestContext.Current.CancellationToken)).Refused(404);
            await (await who.DeleteAsync($"/api/jobs/{id}", TestContext.Current.CancellationToken)).Refused(404);
            await (await RequesterFixture.Upload(who, id, "text\nwren\n")).Refused(404);
        }

        await (await other.PutAsJsonAsync($"/api/jobs/{job}", RequesterFixture.ADraft(), TestContext.Current.CancellationToken)).Refused(404);
        Assert.Equal(404, (int)(await client.GetAsync("/api/jobs/not-an-id", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(401, (int)(await given.Service.Anybody().GetAsync("/api/jobs", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_budget_is_raised_once_for_a_key_and_never_over_the_deposit()
    {
        var client = await given.ARequesterWith(10 * Euro);
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, job, new { budgetMicros = Euro })).EnsureSuccessStatusCode();

        (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 2 * Euro }, "raise")).EnsureSuccessStatusCode();
        (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 2 * Euro }, "raise")).EnsureSuccessStatusCode();
        await (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 3 * Euro }, "raise")).Refused(409);
        await (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 8 * Euro })).Refused(400);
        await (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 0 })).Refused(400);
        await Wait.Eventually(() => given.Broker.Heard<JobBudgetRaised>().Any(e => e.JobId == job));
        Assert.Equal(3 * Euro, given.Broker.Heard<JobBudgetRaised>().Single(e => e.JobId == job).BudgetTotalMicros);
        Assert.Equal(7 * Euro, (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
    }

    [Fact]
    public async Task A_job_is_closed_once_however_often_and_takes_no_more_money()
    {
        var (client, job) = await given.APostedJob();
        for (var n = 0; n < 3; n++)
            Assert.Equal(204, (int)(await client.PostAsync($"/api/jobs/{job}/close", null, TestContext.Current.CancellationToken)).StatusCode);

        await Wait.Eventually(() => given.Broker.Heard<JobClosed>().Any(e => e.JobId == job));
        await (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = Euro })).Refused(409);
        Assert.Single(given.Broker.Heard<JobClosed>(), e => e.JobId == job);
        Assert.Equal("closed", (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_posted_job_nobody_answers_to_is_told_again_and_after_an_answer_no_more()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build, null, "--AskAgain:AfterSeconds=0.4");
        await RequesterFixture.KnowsThePolicy(service);
        var requester = Guid.NewGuid();
        await service.Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = 10 * Euro });
        using var client = service.Requester(requester);
        await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64() > 0, "the deposit is credited");
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, job, new { budgetMicros = Euro })).EnsureSuccessStatusCode();
        (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = Euro })).EnsureSuccessStatusCode();

        await Wait.Eventually(() => service.Broker.Heard<JobPosted>().Count >= 3);
        Assert.Single(service.Broker.Heard<JobPosted>().Select(e => e.BudgetMicros).Distinct());
        await service.Broker.Publish(new JobRefused { JobId = job, Why = "0.05 EUR for 30 s is 6.00 EUR/h." });
        await Wait.Eventually(async () => await RequesterFixture.Count(service, "select count(*) from job_asked") == 0, "nobody is asked");
        Assert.Equal("refused", (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_job_is_closed_at_the_end_of_its_life()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build);
        await RequesterFixture.KnowsThePolicy(service);
        var requester = Guid.NewGuid();
        await service.Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = 10 * Euro });
        using var client = service.Requester(requester);
        await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64() > 0, "the deposit is credited");
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, job)).EnsureSuccessStatusCode();
        await service.Broker.Publish(new JobFunded { JobId = job, Funded = 10, WorstMicros = 300_000, PolicyVersion = 1 });

        service.Clock.Advance(TimeSpan.FromDays(90));
        await Wait.Eventually(() => service.Broker.Heard<JobClosed>().Any(e => e.JobId == job));
    }
}
