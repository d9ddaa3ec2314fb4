using Dapper;
using Marketplace.Worker;

namespace Marketplace.ServiceTests.Worker;

/// <summary>After the upgrade that brought public ids every answer that was told under an assignment's own id is told again, once, by itself.</summary>
public sealed class TellOldAnswersTests
{
    private static readonly string[] Quiet = ["--Assignments:SweepEvery=1.00:00:00", "--Assignments:ResendAfter=1.00:00:00"];

    [Fact]
    public async Task An_answer_of_the_version_before_is_told_again_under_its_public_id()
    {
        await using var service = await RunningService.Start("worker", WorkerService.Build, null, Quiet);
        await service.Broker.Publish(WorkerFixture.Policy(1).ToEvent());
        var job = WorkerFixture.AJob();
        await service.Broker.Publish(job);
        await service.Broker.Publish(WorkerFixture.Tasks(job));
        await service.Broker.Publish(WorkerFixture.Funding(job, 10));
        for (var n = 0; n < 3; n++)
            await Answer(service, job);
        await Wait.Eventually(() => service.Broker.Heard<AnswerSubmitted>().Count == 3, "all are told");
        var told = service.Broker.Heard<AnswerSubmitted>().ToArray();

        // Two as the version before leaves them: its statement does not know the column.
        await service.Stop();
        await using (var connection = await service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync(
                """
                update assignment_end set public_id = null where assignment_id in (select assignment_id from assignment_end order by assignment_id limit 2);
                update answer_telling set walk_at = clock_timestamp();
                """);
        await service.Start();
        await Wait.Eventually(() => service.Broker.Heard<AnswerSubmitted>().Count == 5, "two are told again");
        Assert.Equal(3, service.Broker.Heard<AnswerSubmitted>().Select(a => (a.AnswerId, a.TaskNumber, a.Pseudonym, a.SubmittedAt)).Distinct().Count());
        Assert.All(service.Broker.Heard<AnswerSubmitted>(), a => Assert.Contains(a.AnswerId, told.Select(t => t.AnswerId)));
        await Wait.Eventually(async () => await Count(service, "select count(*) from assignment_end where public_id is null") == 0, "they are marked");

        // An hour later the version before is gone: a walk that finds nothing is the last.
        await service.Stop();
        await using (var connection = await service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update answer_telling set begun_at = begun_at - interval '2 hours', walk_at = clock_timestamp()");
        await service.Start();
        await Wait.Eventually(async () => await Count(service, "select count(*) from answer_telling where done_at is not null") == 1, "it is done");
        Assert.Equal(5, service.Broker.Heard<AnswerSubmitted>().Count);
    }

    private static async Task Answer(RunningService service, JobPosted job)
    {
        using var person = service.Worker(Guid.NewGuid());
        Guid? claimed = null;
        await Wait.Eventually(
            async () =>
            {
                using var answer = await person.PostAsync($"/jobs/{job.JobId}/claims", null, TestContext.Current.CancellationToken);
                claimed = answer.IsSuccessStatusCode ? WorkerFixture.IdOf(await answer.Json()) : null;
                return claimed is not null;
            },
            "a task can be claimed");
        service.Clock.Advance(TimeSpan.FromSeconds(5));
        (await person.PostOnce($"/assignments/{claimed}/answer", new { answer = new { label = "wren" }, stop = true })).EnsureSuccessStatusCode();
    }

    private static async Task<long> Count(RunningService service, string sql)
    {
        await using var connection = await service.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
