namespace Marketplace.ServiceTests.Worker;

/// <summary>Nobody is paid to work on for ever.</summary>
public sealed class FullDayTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task No_claim_at_or_over_the_most_credited_time_of_a_day()
    {
        var job = await given.AFundedJob(tasks: 20);
        var worker = Guid.NewGuid();
        await given.Broker.Publish((WorkerFixture.Policy(2) with { InForceFrom = given.Clock.GetUtcNow(), MostCreditedIn24h = Duration.Seconds(40) }).ToEvent());
        await Wait.Eventually(async () => await given.Ask<int>("select count(*) from pay_policy") == 2);

        await Work(20);
        await Work(20);
        var refused = await given.Claim(worker, job);
        Assert.Equal("day-is-full", await refused.Reason());

        // The first 20 s leave the count 24 hours after they ended.
        given.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(20.001));
        Assert.Equal("day-is-full", await (await given.Claim(worker, job)).Reason());
        given.After(0.001);
        await given.Claimed(worker, job);

        async Task Work(double seconds)
        {
            var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
            given.After(seconds);
            Assert.True((await given.Submit(worker, work)).IsSuccessStatusCode);
        }
    }
}
