using System.Net;
using System.Text.Json;

namespace Marketplace.ServiceTests.Worker;

/// <summary>Claims: one open at a time, never twice the same task, never more than is wanted or funded.</summary>
public sealed class ClaimTaskTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task A_claim_gives_a_task_with_all_that_its_pay_depends_on()
    {
        var job = await given.AFundedJob(words: 100);
        var work = await given.Claimed(Guid.NewGuid(), job);

        Assert.Equal(WorkerFixture.Reward, work.GetProperty("rewardMicros").GetInt64());
        Assert.Equal((60_000, 30_000), (work.GetProperty("timeLimitMs").GetInt64(), work.GetProperty("readingMs").GetInt64()));
        Assert.Equal((30_000, 2_250), (work.GetProperty("idleMs").GetInt64(), work.GetProperty("earliestSubmitMs").GetInt64()));
        Assert.Equal("Look at the beak first.", work.GetProperty("instructions").GetString());
        Assert.Equal($"tune {WorkerFixture.NumberOf(work)}", work.GetProperty("input").GetProperty("song").GetString());
        Assert.Equal(TimeSpan.FromMinutes(10), work.GetProperty("leaseUntil").GetDateTimeOffset() - work.GetProperty("claimedAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task Claiming_again_gives_the_open_one_whatever_the_job()
    {
        var (one, other) = (await given.AFundedJob(), await given.AFundedJob());
        var worker = Guid.NewGuid();
        var first = await given.Claim(worker, one);
        var again = await given.Claim(worker, one);
        var elsewhere = await given.Claim(worker, other);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode, elsewhere.StatusCode));
        var id = WorkerFixture.IdOf(await first.Json());
        Assert.Equal(id, WorkerFixture.IdOf(await again.Json()));
        Assert.Equal(id, WorkerFixture.IdOf(await elsewhere.Json()));
        Assert.Equal(1, await given.Ask<int>("select count(*) from assignment where worker_id = @worker", new { worker }));
    }

    [Fact]
    public async Task A_worker_gets_each_task_once_and_then_hears_that_nothing_is_left()
    {
        var job = await given.AFundedJob(tasks: 7, wanted: 3);
        var worker = Guid.NewGuid();
        var numbers = new List<int>();
        var work = await given.Claimed(worker, job);
        while (true)
        {
            numbers.Add(WorkerFixture.NumberOf(work));
            given.After(5);
            var submitted = await (await given.Submit(worker, WorkerFixture.IdOf(work), stop: false)).Json();
            if (submitted.GetProperty("next").ValueKind == JsonValueKind.Null)
            {
                Assert.Equal("nothing-left", submitted.GetProperty("nothing").GetProperty("reason").GetString());
                break;
            }

            work = submitted.GetProperty("next");
        }

        Assert.Equal(Enumerable.Range(1, 7), numbers.Order());
        Assert.Equal("nothing-left", await (await given.Claim(worker, job)).Reason());
    }

    [Fact]
    public async Task Only_funded_slots_can_be_claimed_and_more_money_opens_more()
    {
        var job = await given.AFundedJob(tasks: 3, funded: 1);
        await given.Claimed(Guid.NewGuid(), job);
        var second = Guid.NewGuid();
        Assert.Equal("waits-for-money", await (await given.Claim(second, job)).Reason());

        await given.Broker.Publish(WorkerFixture.Funding(job, 2));
        await given.Opened(job, 2);
        await given.Claimed(second, job);
        Assert.Equal("waits-for-money", await (await given.Claim(Guid.NewGuid(), job)).Reason());
    }

    [Fact]
    public async Task A_job_without_funding_waits_and_one_without_terms_is_not_there()
    {
        var job = WorkerFixture.AJob();
        Assert.Equal("unknown-job", await (await given.Claim(Guid.NewGuid(), job)).Reason(404));

        await given.Broker.Publish(WorkerFixture.Funding(job, 5));
        await given.Broker.Publish(WorkerFixture.Tasks(job));
        await Wait.Eventually(async () => await given.Ask<long?>("select opened from job where job_id = @JobId", new { job.JobId }) == 5);
        Assert.Equal("unknown-job", await (await given.Claim(Guid.NewGuid(), job)).Reason(404));

        var unfunded = WorkerFixture.AJob();
        await given.Broker.Publish(unfunded);
        await given.Opened(unfunded, 0);
        Assert.Equal("waits-for-money", await (await given.Claim(Guid.NewGuid(), unfunded)).Reason());
    }

    [Fact]
    public async Task Slots_open_breadth_first()
    {
        var job = await given.AFundedJob(tasks: 5, wanted: 3, funded: 7);
        Assert.Equal(2, await given.Ask<int>("select max(open) from task where job_id = @JobId", new { job.JobId }));
        Assert.Equal(1, await given.Ask<int>("select min(open) from task where job_id = @JobId", new { job.JobId }));
    }

    [Fact]
    public async Task A_returned_task_comes_back_to_others_but_not_to_who_returned_it()
    {
        var job = await given.AFundedJob(tasks: 1, funded: 2);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var work = await given.Claimed(first, job);
        Assert.Equal("nothing-left", await (await given.Claim(second, job)).Reason());

        Assert.True((await given.Post(first, WorkerFixture.IdOf(work), "return")).IsSuccessStatusCode);
        Assert.Equal("nothing-left", await (await given.Claim(first, job)).Reason());
        Assert.Equal(1, WorkerFixture.NumberOf(await given.Claimed(second, job)));
    }

    [Fact]
    public async Task A_task_opened_behind_the_cursor_is_found_by_who_had_passed_it()
    {
        var job = await given.AFundedJob(tasks: 4, wanted: 2, funded: 5);
        var worker = Guid.NewGuid();
        for (var done = 0; done < 4; done++)
        {
            await given.Claimed(worker, job);
            given.After(5);
            var open = await given.Ask<Guid>("select assignment_id from worker where worker_id = @worker", new { worker });
            Assert.True((await given.Submit(worker, open)).IsSuccessStatusCode);
        }

        var more = WorkerFixture.AJob(tasks: 1) with { JobId = job.JobId };
        await given.Broker.Publish(WorkerFixture.Tasks(more, first: 5, count: 1));
        await Wait.Eventually(async () => await given.Ask<int>("select tasks from job where job_id = @JobId", new { job.JobId }) == 5);
        Assert.Equal("waits-for-money", await (await given.Claim(worker, job)).Reason());
        await given.Broker.Publish(WorkerFixture.Funding(job, 9));
        await given.Opened(job, 9);
        Assert.Equal(5, WorkerFixture.NumberOf(await given.Claimed(worker, job)));
    }

    [Fact]
    public async Task Nobody_claims_without_signing_in()
    {
        using var anybody = given.Service.Anybody();
        using var response = await anybody.PostAsync($"/jobs/{Guid.NewGuid()}/claims", null, TestContext.Current.CancellationToken);
        await response.Problem(401);
    }
}
