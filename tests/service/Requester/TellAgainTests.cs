using Marketplace.Platform;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>What the requester service said once it can say again; what it hears again changes nothing.</summary>
public sealed class TellAgainTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    [Fact]
    public async Task Jobs_budgets_tasks_and_closings_are_told_again_until_the_job_is_finished()
    {
        var (client, job) = await given.APostedJob(tasks: 3);
        await given.Broker.Publish(new JobFunded { JobId = job, Funded = 9, WorstMicros = 300_000, PolicyVersion = 1 });
        (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 1_000_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => Told<TaskPosted>(t => t.JobId == job) == 1 && Told<JobBudgetRaised>(r => r.JobId == job) == 1);
        var posted = given.Broker.Heard<JobPosted>().Single(p => p.JobId == job);

        Assert.Equal(0, await TellAgain());
        await Wait.Eventually(() => Told<JobPosted>(p => p.JobId == job) == 2 && Told<JobBudgetRaised>(r => r.JobId == job) == 2);
        await Wait.Eventually(() => Told<TaskPosted>(t => t.JobId == job && t.Inputs.Length == 3) == 2);
        Assert.Equal(posted.PostedAt, given.Broker.Heard<JobPosted>().Last(p => p.JobId == job).PostedAt);
        Assert.Single(given.Broker.Heard<JobBudgetRaised>().Where(r => r.JobId == job).Distinct());

        (await client.PostAsync($"/api/jobs/{job}/close", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Wait.Eventually(() => Told<JobClosed>(c => c.JobId == job) == 1);
        Assert.Equal(0, await TellAgain());
        await Wait.Eventually(() => Told<JobClosed>(c => c.JobId == job) == 2 && Told<JobPosted>(p => p.JobId == job) == 3);
        Assert.Equal(2, Told<TaskPosted>(t => t.JobId == job));
    }

    [Fact]
    public async Task An_answer_heard_again_counts_once()
    {
        var (client, job) = await given.APostedJob();
        var answer = RequesterFixture.AnAnswer(job, 1, "wren");
        await given.Broker.Publish(answer, answer);
        await given.Broker.Publish(answer);
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 2, "robin"));
        await RequesterFixture.Answered(client, job, 2);
    }

    private int Told<T>(Func<T, bool> which) => given.Broker.Heard<T>().Count(which);

    private Task<int> TellAgain() => TellAgainCommand.Run(
        ["tell-again"], given.Service.Services, Tellings.All, TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken);
}
