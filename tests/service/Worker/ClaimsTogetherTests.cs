namespace Marketplace.ServiceTests.Worker;

/// <summary>Many workers at once: whatever they do side by side, no slot is claimed twice, unwanted or unfunded.</summary>
public sealed class ClaimsTogetherTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    private const string Worst = """
        select count(*)
        from task
        where job_id = @JobId and (
          open + unopened + (
            select count(*)
            from assignment a
            left join assignment_end e on e.assignment_id = a.assignment_id
            where a.job_id = task.job_id and a.number = task.number and coalesce(e."end", 'submitted') = 'submitted') <> wanted)
        """;

    [Theory]
    [InlineData(1, 40, 1, 25)]
    [InlineData(2, 12, 3, 30)]
    [InlineData(3, 3, 15, 45)]
    [InlineData(4, 30, 2, 60)]
    public async Task No_slot_is_claimed_twice_unwanted_or_unfunded(int seed, int tasks, int wanted, int funded)
    {
        var job = await given.AFundedJob(tasks, wanted, funded);
        var workers = Enumerable.Range(0, 16).Select(i => (Id: Guid.NewGuid(), Dice: new Random(seed * 100 + i))).ToArray();

        await Task.WhenAll(workers.Select(w => Task.Run(() => WorkAndReturn(job, w.Id, w.Dice))));

        var claims = await given.Ask<int>("select count(*) from assignment where job_id = @JobId", new { job.JobId });
        var opened = await given.Ask<long>("select opened from job where job_id = @JobId", new { job.JobId });
        Assert.InRange(claims, 1, (int)opened);
        Assert.InRange(opened, 1, funded);
        Assert.Equal(0, await given.Ask<int>(Worst, new { job.JobId }));
        Assert.Equal(0, await given.Ask<int>("select count(*) - count(distinct (number, worker_id)) from assignment where job_id = @JobId", new { job.JobId }));

        // Whoever has not had all tasks got what was open: nothing open is left that somebody could not have.
        var left = await given.Ask<int>("select coalesce(sum(open), 0) from task where job_id = @JobId", new { job.JobId });
        Assert.Equal(opened - claims, left);
    }

    [Fact]
    public async Task One_worker_in_many_tabs_has_one_open_claim()
    {
        var job = await given.AFundedJob(tasks: 20);
        var worker = Guid.NewGuid();
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => given.Claimed(worker, job)));

        Assert.Single(all.Select(WorkerFixture.IdOf).Distinct());
        Assert.Equal(1, await given.Ask<int>("select count(*) from assignment where worker_id = @worker", new { worker }));
    }

    [Fact]
    public async Task The_same_submit_from_many_tabs_counts_once_and_brings_one_next_task()
    {
        var job = await given.AFundedJob(tasks: 20);
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
            await (await given.Submit(worker, work, stop: false)).Text()));

        Assert.Single(all.Distinct());
        Assert.Equal(2, await given.Ask<int>("select count(*) from assignment where worker_id = @worker", new { worker }));
        Assert.Equal(1, await given.Ask<int>("select submitted from worker_job where worker_id = @worker", new { worker }));
    }

    private async Task WorkAndReturn(JobPosted job, Guid worker, Random dice)
    {
        for (var refused = 0; refused < 3;)
        {
            using var claim = await given.Claim(worker, job);
            if (!claim.IsSuccessStatusCode)
            {
                Assert.Contains(await claim.Reason(), new[] { "nothing-left", "waits-for-money", "busy" });
                refused++;
                continue;
            }

            var work = WorkerFixture.IdOf(await claim.Json());
            given.After(3);
            using var end = dice.Next(4) == 0
                ? await given.Post(worker, work, "return")
                : await given.Submit(worker, work, stop: dice.Next(3) == 0);
            Assert.True(end.IsSuccessStatusCode, await end.Text());
        }
    }
}
