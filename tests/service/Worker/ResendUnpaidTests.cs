using Marketplace.Worker;

namespace Marketplace.ServiceTests.Worker;

/// <summary>Who waits for an answer asks again.</summary>
public sealed class ResendUnpaidTests
{
    [Fact]
    public async Task An_end_that_payment_does_not_settle_is_told_again_until_it_does()
    {
        await using var service = await RunningService.Start("worker", WorkerService.Build, null, "--Assignments:ResendAfter=00:00:01");
        var job = WorkerFixture.AJob();
        var worker = Guid.NewGuid();
        await service.Broker.Publish(WorkerFixture.Policy(1).ToEvent());
        await service.Broker.Publish(job);
        await service.Broker.Publish(WorkerFixture.Tasks(job));
        await service.Broker.Publish(WorkerFixture.Funding(job, 10));

        using var client = service.Worker(worker);
        await Wait.Eventually(async () => (await client.PostAsync($"/jobs/{job.JobId}/claims", null)).IsSuccessStatusCode);
        service.Clock.Advance(TimeSpan.FromSeconds(40));
        await using var connection = await service.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "select assignment_id from worker";
        var work = (Guid)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        await client.PostAsync($"/assignments/{work}/return", null, TestContext.Current.CancellationToken);

        await Wait.Eventually(() => service.Broker.Heard<TaskCompleted>().Count >= 3);
        Assert.Single(service.Broker.Heard<TaskCompleted>().Distinct());
    }
}
