using Dapper;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>A job that a loop always fails at steps aside: those after it have their turn.</summary>
public sealed class PoisonedRowsTests
{
    private const long Euro = RequesterFixture.Euro;

    [Fact]
    public async Task An_old_job_that_cannot_be_closed_holds_up_no_other()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build);
        var (poisoned, other) = await TwoPostedJobs(service);
        foreach (var job in new[] { poisoned, other })
            await service.Broker.Publish(new JobFunded { JobId = job, Funded = 10, WorstMicros = 300_000, PolicyVersion = 1 });
        await Owner(service, $"alter table job_closure add constraint poisoned check (job_id <> '{poisoned}')");

        service.Clock.Advance(TimeSpan.FromDays(90));
        await Wait.Eventually(() => service.Broker.Heard<JobClosed>().Any(e => e.JobId == other), "the other job is closed");
        Assert.DoesNotContain(service.Broker.Heard<JobClosed>(), e => e.JobId == poisoned);

        await Owner(service, "alter table job_closure drop constraint poisoned");
        await Wait.Eventually(() => service.Broker.Heard<JobClosed>().Any(e => e.JobId == poisoned), "the first job has its turn again");
    }

    [Fact]
    public async Task A_job_that_cannot_be_told_again_holds_up_no_other()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build, null, "--AskAgain:AfterSeconds=0.4");
        var (poisoned, other) = await TwoPostedJobs(service);
        await Owner(service, $"alter table job_asked add constraint poisoned check (job_id <> '{poisoned}') not valid");

        var told = Told(service, other);
        await Wait.Eventually(() => Told(service, other) >= told + 3, "the other job is told again");

        var before = Told(service, poisoned);
        await Owner(service, "alter table job_asked drop constraint poisoned");
        await Wait.Eventually(() => Told(service, poisoned) > before, "the first job has its turn again");
    }

    /// <summary>Two jobs of one requester; the first has the smaller id, so that a loop meets it first.</summary>
    private static async Task<(Guid First, Guid Second)> TwoPostedJobs(RunningService service)
    {
        await RequesterFixture.KnowsThePolicy(service);
        var requester = Guid.NewGuid();
        await service.Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = 10 * Euro });
        using var client = service.Requester(requester);
        await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64() > 0, "the deposit is credited");

        var jobs = new List<Guid>();
        for (var n = 0; n < 2; n++)
        {
            var job = await RequesterFixture.Draft(client);
            (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();
            (await RequesterFixture.Post(client, job, new { budgetMicros = Euro })).EnsureSuccessStatusCode();
            jobs.Add(job);
            service.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        return (jobs.Min(), jobs.Max());
    }

    private static int Told(RunningService service, Guid job) => service.Broker.Heard<JobPosted>().Count(e => e.JobId == job);

    private static async Task Owner(RunningService service, string sql)
    {
        await using var connection = await service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync(sql);
    }
}
