using System.Net;
using System.Text.Json;

namespace Marketplace.ServiceTests.Worker;

/// <summary>Submits: once, in time, one's own, and paid by the time that the server saw.</summary>
public sealed class SubmitAnswerTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task A_submit_tells_payment_the_time_and_the_requester_the_answer()
    {
        var job = await given.AFundedJob(words: 100);
        var worker = Guid.NewGuid();
        var work = await given.Claimed(worker, job);
        given.After(41.2);
        var body = await (await given.Submit(worker, WorkerFixture.IdOf(work), "robin")).Json();
        Assert.Equal((30_000, 125_000), (body.GetProperty("creditedMs").GetInt64(), body.GetProperty("payMicros").GetInt64()));

        var end = await given.Completed(WorkerFixture.IdOf(work));
        Assert.Equal((AssignmentEnd.Submitted, 30_000, 0, 300_000), (end.End, end.ActiveMs, end.UnseenMs, end.AllowanceLeftMs));
        Assert.Equal((worker, job.JobId, true, 41.2), (end.WorkerId, end.JobId, end.FirstOfJob, (end.EndedAt - end.ClaimedAt).TotalSeconds));

        await Wait.Eventually(() => given.Broker.Heard<AnswerSubmitted>().Any(a => a.JobId == job.JobId));
        var answer = given.Broker.Heard<AnswerSubmitted>().Single(a => a.JobId == job.JobId);
        Assert.Equal((true, null, 4), (answer.AnswerId != end.AssignmentId, answer.AssignmentId, answer.AnswerId!.Value.Version));
        Assert.Equal("robin", answer.Answer.GetProperty("label").GetString());
        Assert.Single(answer.Answer.EnumerateObject());
        Assert.NotEqual(worker, answer.Pseudonym);
        Assert.Equal(0, answer.SubmittedAt.UtcTicks % TimeSpan.TicksPerHour);
        Assert.Equal(WorkerFixture.NumberOf(work), answer.TaskNumber);
    }

    [Fact]
    public async Task A_submit_brings_the_next_task_whose_clock_runs_from_then()
    {
        var job = await given.AFundedJob(words: 100);
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        var next = (await (await given.Submit(worker, work, stop: false)).Json()).GetProperty("next");

        Assert.Equal(given.Clock.GetUtcNow(), next.GetProperty("claimedAt").GetDateTimeOffset());
        Assert.Equal((0, JsonValueKind.Null), (next.GetProperty("readingMs").GetInt64(), next.GetProperty("instructions").ValueKind));
        Assert.Equal(WorkerFixture.IdOf(next), WorkerFixture.IdOf(await given.Claimed(worker, job)));
    }

    [Fact]
    public async Task One_pseudonym_for_each_requester()
    {
        var (one, other) = (await given.AFundedJob(), await given.AFundedJob());
        var worker = Guid.NewGuid();
        foreach (var job in new[] { one, one, other })
        {
            var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
            given.After(5);
            (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        }

        await Wait.Eventually(() => given.Broker.Heard<AnswerSubmitted>().Count(a => a.JobId == one.JobId || a.JobId == other.JobId) == 3);
        var names = given.Broker.Heard<AnswerSubmitted>().Where(a => a.JobId == one.JobId || a.JobId == other.JobId).ToLookup(a => a.JobId, a => a.Pseudonym);
        Assert.Single(names[one.JobId].Distinct());
        Assert.DoesNotContain(names[other.JobId].Single(), names[one.JobId]);
    }

    [Fact]
    public async Task Too_early_is_refused_and_says_when()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(1);
        using var early = await given.Submit(worker, work);
        Assert.Equal("Submit in 2 s", (await early.Problem(409)).GetProperty("title").GetString());
        Assert.Equal(TimeSpan.FromSeconds(2), early.Headers.RetryAfter!.Delta);

        given.After(1.25);
        Assert.Equal(HttpStatusCode.OK, (await given.Submit(worker, work)).StatusCode);
    }

    [Fact]
    public async Task A_repeat_gets_the_first_response_and_another_answer_is_refused()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        var first = await (await given.Submit(worker, work, stop: false)).Text();
        given.After(20);
        var again = await given.Submit(worker, work, stop: false);
        var other = await given.Submit(worker, work, "robin");

        Assert.Equal(first, await again.Text());
        await other.Problem(409);
        Assert.Equal(1, await given.Ask<int>("select count(*) from assignment_end where assignment_id = @work", new { work }));
    }

    [Theory]
    [InlineData("""{"answer":{"label":"penguin"}}""", "label")]
    [InlineData("""{"answer":{"text":"wren"}}""", "label")]
    [InlineData("""{"answer":"wren"}""", "label")]
    [InlineData("""{"answer":{"label":"\ud800"}}""", "label")]
    [InlineData("""{"answer":{"label":"wren"},"askedMs":-1}""", "askedMs")]
    [InlineData("""{"answer":{"label":"wren"},"askedMs":"long"}""", "askedMs")]
    [InlineData("""[]""", "")]
    [InlineData("""{"answer":""", "")]
    public async Task An_answer_that_does_not_fit_is_named_and_changes_nothing(string body, string field)
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        using var client = given.As(worker);
        using var response = await client.PostAsync($"/assignments/{work}/answer", new StringContent(body, null, "application/json"), TestContext.Current.CancellationToken);

        var problem = await response.Problem(400);
        if (field.Length > 0)
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
        Assert.Equal(0, await given.Ask<int>("select count(*) from assignment_end where assignment_id = @work", new { work }));
    }

    [Theory]
    [InlineData("answer")]
    [InlineData("return")]
    [InlineData("broken")]
    [InlineData("pulses")]
    public async Task What_is_somebody_elses_or_unknown_is_not_there(string verb)
    {
        var job = await given.AFundedJob();
        var work = WorkerFixture.IdOf(await given.Claimed(Guid.NewGuid(), job));
        given.After(5);
        foreach (var id in new[] { work, Guid.NewGuid() })
            await (await given.Post(Guid.NewGuid(), id, verb, new { answer = new { label = "wren" } })).Problem(404);
        Assert.Equal(0, await given.Ask<int>("select count(*) from assignment_end where assignment_id = @work", new { work }));
        Assert.Equal(0, await given.Ask<long>("select active_ms from assignment where assignment_id = @work", new { work }));
    }

    [Fact]
    public async Task After_the_lease_an_answer_is_taken_until_the_sweep_has_come_by()
    {
        var job = await given.AFundedJob();
        var (quick, slow) = (Guid.NewGuid(), Guid.NewGuid());
        var (first, second) = (WorkerFixture.IdOf(await given.Claimed(quick, job)), WorkerFixture.IdOf(await given.Claimed(slow, job)));
        given.After(601);
        Assert.Equal(HttpStatusCode.OK, (await given.Submit(quick, first)).StatusCode);

        await given.Sweep();
        await (await given.Submit(slow, second)).Problem(409);
        Assert.Equal(AssignmentEnd.Expired, (await given.Completed(second)).End);
    }

    [Fact]
    public async Task A_return_is_safe_to_repeat_and_an_answer_after_it_is_refused()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        var first = await (await given.Post(worker, work, "return")).Text();
        Assert.Equal(first, await (await given.Post(worker, work, "return")).Text());
        await (await given.Submit(worker, work)).Problem(409);
        await (await given.Post(worker, work, "broken")).Problem(409);
        await (await given.Post(worker, work, "pulses")).Problem(409);
    }

    [Fact]
    public async Task A_form_does_the_same_as_json()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        using var client = given.As(worker);
        using var form = new FormUrlEncodedContent([new("label", "wren"), new("asked", "1,5"), new("stop", "1")]);
        using var response = await client.PostAsync($"/assignments/{work}/answer", form, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1_500, await given.Ask<long>("select asked_ms from assignment_end where assignment_id = @work", new { work }));
    }
}
