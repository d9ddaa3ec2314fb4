namespace Marketplace.ServiceTests.Worker;

/// <summary>Every event twice, in the worst order, and with poison among it.</summary>
public sealed class ConsumersTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task Tasks_money_and_policy_may_come_before_the_job_and_all_of_it_twice()
    {
        var job = WorkerFixture.AJob(tasks: 6, wanted: 2);
        var (first, last) = (WorkerFixture.Tasks(job, 1, 4), WorkerFixture.Tasks(job, 5, 2));
        await given.Broker.Publish(last, last);
        await given.Broker.Publish(WorkerFixture.Funding(job, 9), WorkerFixture.Funding(job, 5));
        await given.Broker.Publish(first, first);
        await given.Broker.Publish(WorkerFixture.Funding(job, 9));
        await given.Broker.Publish(job);
        await Wait.Eventually(async () => await given.Ask<int>("select count(*) from job where job_id = @JobId and posted_at is not null", new { job.JobId }) == 1);
        await given.Broker.Publish(job with { Title = "Another", RewardMicros = 1 });
        await given.Broker.Publish(WorkerFixture.Policy(1).ToEvent());
        await given.Opened(job, 9);

        Assert.Equal(12, await given.Ask<int>("select sum(open + unopened) from task where job_id = @JobId", new { job.JobId }));
        Assert.Equal(6, await given.Ask<int>("select tasks from job where job_id = @JobId", new { job.JobId }));
        var work = await given.Claimed(Guid.NewGuid(), job);
        Assert.Equal(("Name the bird", WorkerFixture.Reward), (work.GetProperty("title").GetString(), work.GetProperty("rewardMicros").GetInt64()));
    }

    [Fact]
    public async Task Closing_says_how_many_claims_were_ever_made_and_takes_no_more()
    {
        var job = await given.AFundedJob(tasks: 5, wanted: 2, funded: 8);
        var worker = Guid.NewGuid();
        var open = WorkerFixture.IdOf(await given.Claimed(worker, job));
        var returned = Guid.NewGuid();
        await given.Post(returned, WorkerFixture.IdOf(await given.Claimed(returned, job)), "return");
        await given.Claimed(Guid.NewGuid(), job);

        await given.Broker.Publish(new JobClosed { JobId = job.JobId }, new JobClosed { JobId = job.JobId });
        await Wait.Eventually(() => given.Broker.Heard<JobClaimsClosed>().Any(c => c.JobId == job.JobId));
        Assert.All(given.Broker.Heard<JobClaimsClosed>().Where(c => c.JobId == job.JobId), c => Assert.Equal(3, c.Claims));
        Assert.Equal("closed", await (await given.Claim(Guid.NewGuid(), job)).Reason());

        // What is open may still be submitted; money and tasks that come late open nothing.
        await given.Broker.Publish(WorkerFixture.Funding(job, 20));
        await given.Broker.Publish(WorkerFixture.Tasks(job, 6, 3));
        await Wait.Eventually(async () => await given.Ask<int>("select tasks from job where job_id = @JobId and funded = 20", new { job.JobId }) == 8);
        given.After(5);
        var body = await (await given.Submit(worker, open, stop: false)).Json();
        Assert.Equal("closed", body.GetProperty("nothing").GetProperty("reason").GetString());
        Assert.Equal(0, await given.Ask<int>("select sum(open) from task where job_id = @JobId", new { job.JobId }));
    }

    [Fact]
    public async Task A_job_closed_before_it_was_heard_of_never_opens()
    {
        var job = WorkerFixture.AJob();
        await given.Broker.Publish(new JobClosed { JobId = job.JobId });
        await Wait.Eventually(() => given.Broker.Heard<JobClaimsClosed>().Any(c => c.JobId == job.JobId && c.Claims == 0));
        await given.Broker.Publish(WorkerFixture.Funding(job, 10));
        await given.Broker.Publish(WorkerFixture.Tasks(job));
        await given.Broker.Publish(job);
        await Wait.Eventually(async () => await given.Ask<int>("select tasks from job where job_id = @JobId and posted_at is not null and funded = 10", new { job.JobId }) == 10);
        Assert.Equal(0, await given.Ask<long>("select opened from job where job_id = @JobId", new { job.JobId }));
    }

    [Fact]
    public async Task Closing_while_many_claim_counts_each_claim()
    {
        var job = await given.AFundedJob(tasks: 200);
        var claims = Enumerable.Range(0, 40).Select(_ => Task.Run(() => given.Claim(Guid.NewGuid(), job))).ToArray();
        await given.Broker.Publish(new JobClosed { JobId = job.JobId });
        await Task.WhenAll(claims);
        await Wait.Eventually(() => given.Broker.Heard<JobClaimsClosed>().Any(c => c.JobId == job.JobId));

        var made = await given.Ask<long>("select count(*) from assignment where job_id = @JobId", new { job.JobId });
        Assert.Equal(made, given.Broker.Heard<JobClaimsClosed>().First(c => c.JobId == job.JobId).Claims);
    }

    [Fact]
    public async Task The_latest_measure_stays()
    {
        var job = await given.AFundedJob();
        await given.Broker.Publish(Measured(job, 20, 8_000), Measured(job, 10, 7_000), Measured(job, 20, 8_000));
        await Wait.Eventually(async () => await given.Ask<long?>("select measured_ms from job where job_id = @JobId", new { job.JobId }) == 8_000);
        var work = await given.Claimed(Guid.NewGuid(), job);
        Assert.Equal(2_000, work.GetProperty("earliestSubmitMs").GetInt64());
    }

    [Fact]
    public async Task A_payslip_keeps_the_first_settlement_and_the_newest_balance()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var ends = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
            given.After(5);
            (await given.Submit(worker, work)).EnsureSuccessStatusCode();
            ends.Add(work);
        }

        await given.Broker.Publish(Paid(worker, ends[2], 33, 112_500), Paid(worker, ends[0], 11, 37_500), Paid(worker, ends[2], 33, 112_500));
        await Wait.Eventually(async () => await given.Ask<bool>("select entry_number is not null from assignment_end where assignment_id = @First", new { First = ends[0] }));
        await given.Broker.Publish(Paid(worker, ends[1], 22, 75_000), Paid(worker, ends[0], 11, 37_500) with { PayMicros = 1 });
        await Wait.Eventually(async () => await given.Ask<int>("select count(*) from assignment_end where worker_id = @worker and entry_number is not null", new { worker }) == 3);
        Assert.Equal(112_500, await given.Ask<long>("select balance_micros from balance where worker_id = @worker", new { worker }));
        Assert.Equal(37_500 * 3, await given.Ask<long>("select sum(settled_pay_micros)::bigint from assignment_end where worker_id = @worker", new { worker }));
    }

    [Fact]
    public async Task One_poison_message_in_a_batch_is_parked_and_the_others_count()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(5);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();

        var before = await given.Broker.Errors<WorkerPaid>("worker");
        await Task.WhenAll(
            given.Broker.Publish(Paid(Guid.NewGuid(), Guid.NewGuid(), 1, 1)),
            given.Broker.Publish(Paid(Guid.NewGuid(), Guid.NewGuid(), 2, 2) with { Salt = null! }),
            given.Broker.PublishRaw<WorkerPaid>("""{"entryNumber":"none"}"""),
            given.Broker.Publish(Paid(worker, work, 3, 37_500)));
        await Wait.Eventually(async () => await given.Ask<long?>("select entry_number from assignment_end where assignment_id = @work", new { work }) == 3);
        await Wait.Eventually(async () => await given.Broker.Errors<WorkerPaid>("worker") > before);
    }

    [Fact]
    public async Task Poison_on_each_queue_is_parked_and_what_follows_is_heard()
    {
        await given.Broker.PublishRaw<PayPolicyAdopted>("""{"version":"x"}""");
        await given.Broker.PublishRaw<JobPosted>("""{"jobId":"nobody"}""");
        await given.Broker.PublishRaw<JobFunded>("""{}""");
        await given.Broker.PublishRaw<JobClosed>("""{"jobId":7}""");
        await given.Broker.PublishRaw<JobMeasured>("""[]""");
        await given.Broker.PublishRaw<PayoutIssued>("""{"payoutId":null}""");
        await given.Broker.PublishRaw<PayoutSettled>("""{"payoutId":null}""");
        await given.Broker.PublishRaw<PayoutFailed>("""{"amountMicros":"much"}""");
        await given.Broker.PublishRaw<PayoutReturned>("""{}""");
        await given.Broker.Publish(WorkerFixture.Tasks(WorkerFixture.AJob(wanted: -1)));

        await Wait.Eventually(async () => await given.Broker.Errors<PayPolicyAdopted>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobPosted>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<TaskPosted>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobFunded>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobClosed>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobMeasured>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<PayoutIssued>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<PayoutSettled>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<PayoutFailed>("worker") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<PayoutReturned>("worker") == 1);
        await given.Claimed(Guid.NewGuid(), await given.AFundedJob());
    }

    [Fact]
    public async Task A_payout_ends_in_its_highest_state_whatever_comes_late()
    {
        var (worker, payout, at) = (Guid.NewGuid(), Guid.NewGuid(), given.Clock.GetUtcNow());
        await given.Broker.Publish(new PayoutReturned { PayoutId = payout, WorkerId = worker, Rail = "sandbox", AmountMicros = 50_000, EntryNumber = 9, At = at.AddHours(2), BalanceMicros = 70_000, BalanceVersion = 9 });
        await Wait.Eventually(async () => await given.Ask<string?>("select state from payout where payout_id = @payout", new { payout }) == "returned");
        await given.Broker.Publish(new PayoutSettled { PayoutId = payout, WorkerId = worker, Rail = "sandbox", AmountMicros = 50_000, EntryNumber = 8, At = at.AddHours(1), BalanceMicros = 20_000, BalanceVersion = 8 });
        await given.Broker.Publish(new PayoutIssued { PayoutId = payout, WorkerId = worker, Rail = "sandbox", AmountMicros = 50_000, EntryNumber = 7, At = at, BalanceMicros = 20_000, BalanceVersion = 7 });
        await Wait.Eventually(async () => await given.Ask<DateTime?>("select issued_at from payout where payout_id = @payout", new { payout }) is not null);

        Assert.Equal("returned", await given.Ask<string?>("select state from payout where payout_id = @payout", new { payout }));
        Assert.Equal(70_000, await given.Ask<long>("select balance_micros from balance where worker_id = @worker", new { worker }));
    }

    private static JobMeasured Measured(JobPosted job, long version, long measuredMs) => new()
    {
        JobId = job.JobId,
        Version = version,
        People = 8,
        Submitted = version,
        Returned = 0,
        Expired = 0,
        Broken = 0,
        PaidSubmittedMicros = 1,
        PaidUnsubmittedMicros = 0,
        TopUpMicros = 0,
        FeeMicros = 0,
        LevyMicros = 0,
        CreditedMs = 1,
        CreditedQuartilesMs = [1, 2, 3],
        MeasuredMs = measuredMs,
        HourlyQuartilesMicros = [15_000_000, 15_000_000, 16_000_000],
        HourlyLowestMicros = 15_000_000,
        HourlyHistogram = [1],
        EscrowMicros = 1,
        Finished = false,
    };

    private static WorkerPaid Paid(Guid worker, Guid assignment, long entry, long balance) => new()
    {
        EntryNumber = entry,
        AssignmentId = assignment,
        WorkerId = worker,
        End = AssignmentEnd.Submitted,
        RewardMicros = 37_500,
        TopUpMicros = 0,
        PayMicros = 37_500,
        CreditedMs = 5_000,
        AllowanceUsedMs = 0,
        FloorMicrosPerHour = 15_000_000,
        PolicyVersion = 1,
        BalanceMicros = balance,
        BalanceVersion = entry,
        Salt = new byte[32],
    };
}
