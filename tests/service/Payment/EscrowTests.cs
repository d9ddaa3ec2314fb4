namespace Marketplace.ServiceTests.Payment;

/// <summary>A job's money from the deposit into escrow and what is left of it back, whatever order the messages come in.</summary>
public sealed class EscrowTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    private const long Euro = 1_000_000;

    [Fact]
    public async Task Messages_that_cannot_be_read_are_parked_and_hold_up_nothing()
    {
        await given.Broker.PublishRaw<JobPosted>("""{"jobId": "no id"}""");
        await given.Broker.PublishRaw<JobBudgetRaised>("""{"jobId": "no id"}""");
        await given.Broker.PublishRaw<JobClaimsClosed>("""{"claims": "many"}""");

        await Wait.Eventually(async () => await given.Broker.Errors<JobPosted>("payment") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobBudgetRaised>("payment") == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobClaimsClosed>("payment") == 1);
        await given.AFundedJob();
    }

    [Fact]
    public async Task A_posted_job_gets_its_budget_from_the_deposit()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro);
        await given.Broker.Publish(job);

        var funded = await given.Funded(job.JobId);
        Assert.Equal((10, 300_000, 1), (funded.Funded, funded.WorstMicros, funded.PolicyVersion));
        Assert.Equal(3 * Euro, await given.EscrowOf(job.JobId));
        Assert.Equal(7 * Euro, await given.DepositOf(requester));
    }

    [Fact]
    public async Task A_job_heard_twice_is_funded_once_and_answered_twice()
    {
        var job = await given.AFundedJob();
        await given.Broker.Publish(job, job);

        await Wait.Eventually(() => given.Broker.Heard<JobFunded>().Count(f => f.JobId == job.JobId) == 3);
        Assert.Equal(3 * Euro, await given.EscrowOf(job.JobId));
    }

    [Fact]
    public async Task A_raise_adds_the_difference_once()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro);
        await given.Broker.Publish(job);
        await given.Funded(job.JobId);
        await given.Broker.Publish(Raise(job, 5 * Euro), Raise(job, 5 * Euro));
        await given.Broker.Publish(Raise(job, 4 * Euro));

        Assert.Equal(16, (await given.Funded(job.JobId, 16)).Funded);
        Assert.Equal(5 * Euro, await given.EscrowOf(job.JobId));
        Assert.Equal(5 * Euro, await given.DepositOf(requester));
    }

    [Fact]
    public async Task A_raise_that_comes_before_its_job_waits_for_it()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro);
        await given.Broker.Publish(Raise(job, 6 * Euro));
        await given.Broker.Publish(job);

        Assert.Equal(20, (await given.Funded(job.JobId, 20)).Funded);
        Assert.Equal(4 * Euro, await given.DepositOf(requester));
    }

    [Fact]
    public async Task A_reward_under_the_floor_is_refused_with_what_would_be_accepted_and_all_its_money_returns()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro, rewardMicros: 50_000, estimateMs: 30_000);
        await given.Broker.Publish(job);
        await Wait.Eventually(() => Refusals(job).Length == 1);
        await given.Broker.Publish(Raise(job, 4 * Euro));
        await given.Broker.Publish(job);

        await Wait.Eventually(() => Refusals(job).Length == 3);
        Assert.All(Refusals(job), r => Assert.Equal(
            "0.05 EUR for 30 s is 6.00 EUR/h; the floor of 15.00 EUR/h needs at least 0.125 EUR", r.Why));
        Assert.Equal(10 * Euro, await given.DepositOf(requester));
        Assert.Equal(0, await given.EscrowOf(job.JobId));

        // Credited in all: the deposit, the budget of 3 that came back, and the raise by 1.
        await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().Any(c => c.RequesterId == requester && c.CreditedTotalMicros == 14 * Euro));
    }

    [Fact]
    public async Task What_is_left_returns_once_all_claims_have_ended()
    {
        var job = await given.AFundedJob(3 * Euro);
        var ends = new[] { PaymentFixture.AnEnd(job), PaymentFixture.AnEnd(job) };
        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 2 });
        await given.Broker.Publish(ends[0]);
        await given.Paid(ends[0]);
        Assert.NotEqual(0, await given.EscrowOf(job.JobId));

        await given.Broker.Publish(ends[1]);
        await given.Paid(ends[1]);
        Assert.Equal(0, await given.EscrowOf(job.JobId));
        Assert.Equal((3 * Euro) - (2 * 45_000), await given.DepositOf(job.RequesterId));
    }

    [Fact]
    public async Task A_raise_of_a_finished_job_returns_at_once()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro);
        await given.Broker.Publish(job);
        await given.Funded(job.JobId);
        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 0 });
        await Wait.Eventually(async () => await given.DepositOf(requester) == 10 * Euro);

        await given.Broker.Publish(Raise(job, 8 * Euro));
        await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().Any(c => c.RequesterId == requester && c.CreditedTotalMicros == 18 * Euro));
        Assert.Equal(10 * Euro, await given.DepositOf(requester));
    }

    [Fact]
    public async Task The_worst_order_ends_as_the_best_does()
    {
        var requester = await given.ARequesterWith(10 * Euro);
        var job = PaymentFixture.AJob(requester, 3 * Euro);
        var end = PaymentFixture.AnEnd(job);
        await given.Broker.Publish(end, end);
        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 1 });
        await given.Broker.Publish(Raise(job, 5 * Euro));
        await Wait.Eventually(async () => await given.Broker.Waiting<TaskCompleted>("payment") + await given.Broker.Waiting<JobClaimsClosed>("payment") == 0);
        await given.Broker.Publish(job, job);

        Assert.Equal(37_500, (await given.Paid(end)).PayMicros);
        await Wait.Eventually(async () => await given.DepositOf(requester) == (10 * Euro) - 45_000);
        Assert.Equal(0, await given.EscrowOf(job.JobId));
        Assert.Equal(37_500, await given.OwedTo(end.WorkerId));
    }

    private JobRefused[] Refusals(JobPosted job) => [.. given.Broker.Heard<JobRefused>().Where(r => r.JobId == job.JobId)];

    private static JobBudgetRaised Raise(JobPosted job, long total) =>
        new() { JobId = job.JobId, RequesterId = job.RequesterId, BudgetTotalMicros = total };
}
