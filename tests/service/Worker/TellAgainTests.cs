using Marketplace.Platform;
using Marketplace.Worker;

namespace Marketplace.ServiceTests.Worker;

/// <summary>What the worker service said once it can say again; what it hears again changes nothing.</summary>
public sealed class TellAgainTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task Ends_answers_and_closings_are_told_again_word_for_word()
    {
        var job = await given.AFundedJob();
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(10);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        var completed = await given.Completed(work);
        await given.Broker.Publish(new JobClosed { JobId = job.JobId });
        await Wait.Eventually(() => given.Broker.Heard<AnswerSubmitted>().Count == 1 && given.Broker.Heard<JobClaimsClosed>().Count == 1);

        Assert.Equal(2, await TellAgain("yesterday, perhaps"));
        Assert.Equal(0, await TellAgain("2020-01-01"));
        await Wait.Eventually(() => given.Broker.Heard<TaskCompleted>().Count == 2 && given.Broker.Heard<JobClaimsClosed>().Count == 2);
        await Wait.Eventually(() => given.Broker.Heard<AnswerSubmitted>().Count == 2);
        Assert.Equal([completed, completed], given.Broker.Heard<TaskCompleted>());
        Assert.Single(given.Broker.Heard<JobClaimsClosed>().Distinct());
        Assert.Single(given.Broker.Heard<AnswerSubmitted>().Select(a => (a.AnswerId, a.Pseudonym, a.SubmittedAt, a.Answer.GetRawText())).Distinct());
    }

    [Fact]
    public async Task A_job_heard_again_stays_as_it_is()
    {
        using var handled = new HandledMessages(given.Service);
        var job = await given.AFundedJob(tasks: 3);
        await given.Claimed(Guid.NewGuid(), job);
        await given.Broker.Publish(job);
        await given.Broker.Publish(WorkerFixture.Tasks(job));
        await given.Broker.Publish(WorkerFixture.Funding(job, 3));
        await Wait.Eventually(() => handled.Of(job.JobId) >= 6, "all three were heard twice");
        Assert.Equal(3, await given.Ask<long>("select opened from job where job_id = @JobId", new { job.JobId }));
        Assert.Equal(2, await given.Ask<long>("select count(*) from task where job_id = @JobId and is_open", new { job.JobId }));
    }

    private Task<int> TellAgain(string since) => TellAgainCommand.Run(
        ["tell-again", "--since", since], given.Service.Services, Tellings.All, TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken);
}
