using System.Text.Json;

namespace Marketplace.ServiceTests.Worker;

/// <summary>Who asks for the list of jobs again and again sees one's own claims, and what everybody did only at the step.</summary>
public sealed class ListAtTheStepTests(SteppedWorkerFixture given) : IClassFixture<SteppedWorkerFixture>
{
    [Fact]
    public async Task Others_claims_show_at_the_step_and_ones_own_at_once()
    {
        var job = await given.AFundedJob(tasks: 10);
        var (watcher, mine) = (Guid.NewGuid(), Guid.NewGuid());
        await Wait.Eventually(async () => await Left(watcher, job) == (10, false), "a new job is listed without waiting for a step");

        for (var n = 0; n < 3; n++)
        {
            await given.Claimed(Guid.NewGuid(), job);
            Assert.Equal((10, false), await Left(watcher, job));
        }

        await given.Claimed(mine, job);
        Assert.Equal((9, false), await Left(mine, job));
        Assert.Equal((10, false), await Left(watcher, job));

        given.After(5 * 60);
        await Wait.Eventually(async () => await Left(watcher, job) == (6, false), "six are left at the step");
        Assert.Equal((6, false), await Left(mine, job));
    }

    [Fact]
    public async Task A_job_that_others_emptied_goes_off_the_list_at_the_step_and_one_done_by_oneself_at_once()
    {
        var (emptied, done) = (await given.AFundedJob(tasks: 1), await given.AFundedJob(tasks: 1, wanted: 2));
        var (watcher, mine) = (Guid.NewGuid(), Guid.NewGuid());
        await Wait.Eventually(async () => await Left(watcher, emptied) is not null && await Left(watcher, done) is not null, "both are listed");
        await given.Claimed(Guid.NewGuid(), emptied);
        await given.Claimed(mine, done);
        Assert.Equal("nothing-left", await (await given.Claim(watcher, emptied)).Reason());
        Assert.Equal((1, false), await Left(watcher, emptied));
        Assert.Null(await Left(mine, done));

        given.After(5 * 60);
        await Wait.Eventually(async () => await Left(watcher, emptied) is null, "the empty one is gone");
        Assert.Equal((1, false), await Left(watcher, done));
    }

    [Fact]
    public async Task A_list_says_when_it_is_counted_next()
    {
        using var client = given.As(Guid.NewGuid());
        var next = (await (await client.GetAsync("/", TestContext.Current.CancellationToken)).Json()).GetProperty("nextCountAt").GetDateTimeOffset();
        Assert.InRange(next - given.Clock.GetUtcNow(), TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5));
        Assert.Equal(0, next.UtcTicks % TimeSpan.FromMinutes(5).Ticks);
    }

    private async Task<(int Left, bool Waits)?> Left(Guid worker, JobPosted job)
    {
        using var client = given.As(worker);
        var jobs = (await (await client.GetAsync("/", TestContext.Current.CancellationToken)).Json()).GetProperty("jobs").EnumerateArray();
        var listed = jobs.Where(j => j.GetProperty("jobId").GetGuid() == job.JobId).Select(j => (JsonElement?)j).FirstOrDefault();
        return listed is { } it ? (it.GetProperty("left").GetInt32(), it.GetProperty("waits").GetBoolean()) : null;
    }
}
