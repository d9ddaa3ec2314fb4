using Dapper;

namespace Marketplace.ServiceTests.Worker;

/// <summary>The clock by contacts that the server saw, and the allowance of 24 hours.</summary>
public sealed class WorkingTimeTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Theory]
    [InlineData(new[] { 10.0, 20, 30 }, 35, 35_000)]
    [InlineData(new[] { 5.0 }, 35.001, 35_000)]
    [InlineData(new[] { 9.0, 609 }, 612, 42_000)]
    [InlineData(new double[0], 25, 25_000)]
    [InlineData(new double[0], 59, 30_000)]
    [InlineData(new[] { 10.0, 10, 10 }, 20, 20_000)]
    public async Task Silence_counts_up_to_the_idle_limit(double[] pulsesAt, double submitAt, long activeMs)
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        var at = 0.0;
        foreach (var pulse in pulsesAt)
        {
            given.After(pulse - at);
            at = pulse;
            Assert.True((await given.Post(worker, work, "pulses")).IsSuccessStatusCode);
        }

        given.After(submitAt - at);
        Assert.True((await given.Submit(worker, work)).IsSuccessStatusCode);
        Assert.Equal(activeMs, (await given.Completed(work)).ActiveMs);
    }

    [Theory]
    [InlineData(new[] { 10.0, 20, 45 }, 45_000)]
    [InlineData(new double[0], 0)]
    public async Task Silence_before_an_expiry_is_not_work(double[] pulsesAt, long activeMs)
    {
        var job = await given.AFundedJob(tasks: 1, funded: 2);
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        var at = 0.0;
        foreach (var pulse in pulsesAt)
        {
            given.After(pulse - at);
            at = pulse;
            await given.Post(worker, work, "pulses");
        }

        given.After(600 - at);
        await given.Sweep();
        await given.Sweep();
        var end = await given.Completed(work);
        Assert.Equal((AssignmentEnd.Expired, activeMs), (end.End, end.ActiveMs));

        // The task is open again for somebody else, and the worker is free.
        Assert.Equal(1, WorkerFixture.NumberOf(await given.Claimed(Guid.NewGuid(), job)));
        Assert.Null(await given.Ask<Guid?>("select assignment_id from worker where worker_id = @worker", new { worker }));
    }

    [Fact]
    public async Task An_expiry_that_is_found_a_day_late_is_a_lease_long_and_of_its_own_day()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(40);
        await given.Post(worker, work, "pulses");
        given.Clock.Advance(TimeSpan.FromHours(30));
        await given.Sweep();

        var end = await given.Completed(work);
        Assert.Equal((30_000, TimeSpan.FromMinutes(10)), (end.ActiveMs, end.EndedAt - end.ClaimedAt));

        // What it used of the allowance is of yesterday too, now and after another day.
        Assert.Equal(300_000, await LeftNow(worker, job));
        given.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(300_000, await LeftNow(worker, job));
    }

    [Fact]
    public async Task An_assignment_that_cannot_be_ended_holds_up_no_other()
    {
        var job = await given.AFundedJob();
        var claims = new List<Guid>();
        foreach (var worker in new[] { Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid() })
            claims.Add(WorkerFixture.IdOf(await given.Claimed(worker, job)));
        await using (var connection = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update assignment set policy_version = 99 where assignment_id = @bad", new { bad = claims[0] });

        given.After(600);
        await given.Sweep();

        foreach (var claim in claims[1..])
            Assert.Equal(AssignmentEnd.Expired, (await given.Completed(claim)).End);
        Assert.Equal(0, await given.Ask<int>("select count(*)::int from assignment_end where assignment_id = @bad", new { bad = claims[0] }));
        await using (var connection = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update assignment set policy_version = 1 where assignment_id = @bad", new { bad = claims[0] });
        await Wait.Eventually(
            async () =>
            {
                await given.Sweep();
                return await given.Ask<int>("select count(*)::int from assignment_end where assignment_id = @bad", new { bad = claims[0] }) == 1;
            },
            "it is ended once it can be");
    }

    [Fact]
    public async Task Time_the_clock_missed_can_be_asked_for_and_uses_the_allowance()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(50);
        var body = await (await given.Submit(worker, work, askedMs: 1_000_000)).Json();

        // 30 s seen, 20 s asked for and given, all under the limit of 60 s.
        Assert.Equal(50_000, body.GetProperty("creditedMs").GetInt64());
        var end = await given.Completed(work);
        Assert.Equal((30_000, 20_000), (end.ActiveMs, end.UnseenMs));

        work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        await given.Submit(worker, work);
        Assert.Equal(300_000 - 20_000 + 1_500, (await given.Completed(work)).AllowanceLeftMs);
    }

    [Fact]
    public async Task Unsubmitted_time_comes_from_the_allowance_which_is_whole_again_a_day_later()
    {
        var job = await given.AFundedJob(tasks: 20);
        var worker = Guid.NewGuid();
        var left = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
            given.After(30);
            await given.Post(worker, work, "pulses");
            given.After(30);
            Assert.True((await given.Post(worker, work, i % 2 == 0 ? "return" : "broken")).IsSuccessStatusCode);
            left.Add((await given.Completed(work)).AllowanceLeftMs);
        }

        Assert.Equal([300_000, 240_000, 180_000, 120_000, 60_000, 0], left);

        given.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(241));
        Assert.Equal(60_000, await LeftNow(worker, job));
        Assert.Equal(120_000, await LeftNow(worker, job, after: 60));
    }

    [Fact]
    public async Task A_little_time_without_an_answer_is_under_the_grace()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(29.999);
        var body = await (await given.Post(worker, work, "return")).Json();
        Assert.Equal((0, 0, 29_999), (body.GetProperty("creditedMs").GetInt64(), body.GetProperty("payMicros").GetInt64(), body.GetProperty("activeMs").GetInt64()));
    }

    [Fact]
    public async Task Reading_time_counts_until_the_first_answer_of_the_job()
    {
        var job = await given.AFundedJob(words: 100);
        var worker = Guid.NewGuid();
        var returned = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        await given.Post(worker, returned, "return");
        var submitted = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        await given.Submit(worker, submitted);
        var later = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        await given.Submit(worker, later);

        Assert.True((await given.Completed(returned)).FirstOfJob);
        Assert.True((await given.Completed(submitted)).FirstOfJob);
        Assert.False((await given.Completed(later)).FirstOfJob);
    }

    private async Task<long> LeftNow(Guid worker, JobPosted job, double after = 0)
    {
        given.After(after);
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        await given.Post(worker, work, "return");
        return (await given.Completed(work)).AllowanceLeftMs;
    }
}
