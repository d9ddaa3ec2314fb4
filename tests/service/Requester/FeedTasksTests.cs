using Dapper;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>Tasks on their way to the workers' side: in order, in bounded events, and all of them whatever stops in between.</summary>
public sealed class FeedTasksTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    [Fact]
    public async Task Tasks_go_in_events_of_at_most_500_and_1_MB()
    {
        var (_, small) = await given.APostedJob(tasks: 1201, deposit: 1000 * RequesterFixture.Euro);
        await Wait.Eventually(() => Fed(given.Broker, small).Count == 1201);
        Assert.Equal([(1, 500), (501, 500), (1001, 201)], given.Broker.Heard<TaskPosted>().Where(e => e.JobId == small)
            .Select(e => (e.FirstNumber, e.Inputs.Length)).Order());
        Assert.Equal(Enumerable.Range(1, 1201).Select(n => $"bird {n}"), Fed(given.Broker, small).OrderBy(t => t.Number).Select(t => t.Text));

        var client = await given.ARequesterWith(100 * RequesterFixture.Euro);
        var large = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, large, "text\n" + string.Concat(Enumerable.Repeat(new string('x', 250_000) + "\n", 9)))).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, large)).EnsureSuccessStatusCode();
        await Wait.Eventually(() => Fed(given.Broker, large).Count == 9);
        Assert.Equal([3, 3, 3], given.Broker.Heard<TaskPosted>().Where(e => e.JobId == large).Select(e => e.Inputs.Length));
    }

    [Fact]
    public async Task A_job_whose_tasks_cannot_be_read_holds_up_no_other()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build);
        await RequesterFixture.KnowsThePolicy(service);
        var requester = Guid.NewGuid();
        await service.Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = 1000 * RequesterFixture.Euro });
        using var client = service.Requester(requester);
        await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64() > 0, "the deposit is credited");
        async Task<Guid> Posted()
        {
            var job = await RequesterFixture.Draft(client);
            (await RequesterFixture.Upload(client, job, "text\nwren\nrobin\n")).EnsureSuccessStatusCode();
            (await RequesterFixture.Post(client, job)).EnsureSuccessStatusCode();
            return job;
        }

        var bad = await Posted();
        await Wait.Eventually(() => Fed(service.Broker, bad).Count == 2);
        await using (var connection = await service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update job set tasks = 3 where job_id = @bad", new { bad });

        foreach (var _ in Enumerable.Range(0, 3))
        {
            var good = await Posted();
            await Wait.Eventually(() => Fed(service.Broker, good).Count == 2);
        }
    }

    [Fact]
    public async Task A_feeder_that_stopped_before_it_noted_what_was_confirmed_goes_on_and_misses_nothing()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build);
        await RequesterFixture.KnowsThePolicy(service);
        var requester = Guid.NewGuid();
        await service.Broker.Publish(new DepositCredited { RequesterId = requester, CreditedTotalMicros = 100_000 * RequesterFixture.Euro });
        Guid job;
        using (var client = service.Requester(requester))
        {
            await Wait.Eventually(async () => (await client.Json("/api/deposit")).GetProperty("availableMicros").GetInt64() > 0, "the deposit is credited");
            job = await RequesterFixture.Draft(client);
            (await RequesterFixture.Upload(client, job, "text\n" + string.Concat(Enumerable.Range(1, 20_000).Select(n => $"bird {n}\n")))).EnsureSuccessStatusCode();
            (await RequesterFixture.Post(client, job)).EnsureSuccessStatusCode();
        }

        await Wait.Eventually(() => Fed(service.Broker, job).Count > 0);
        await service.Stop();
        await using (var connection = await service.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update job set fed = greatest(0, fed - 1000) where job_id = @job", new { job });
        await service.Start();

        await Wait.Eventually(() => Fed(service.Broker, job).Select(t => t.Number).Distinct().Count() == 20_000);
        Assert.All(Fed(service.Broker, job), task => Assert.Equal($"bird {task.Number}", task.Text));
        await Wait.Eventually(async () => await RequesterFixture.Count(service, "select count(*) from job where fed = tasks") == 1, "the cursor is at the end");
    }

    private static List<(int Number, string Text)> Fed(Broker broker, Guid job) => broker.Heard<TaskPosted>().Where(e => e.JobId == job)
        .SelectMany(e => e.Inputs.Select((input, i) => (e.FirstNumber + i, input.GetProperty("text").GetString()!))).ToList();
}
