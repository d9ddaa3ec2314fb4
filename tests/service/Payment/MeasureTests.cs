using Dapper;

namespace Marketplace.ServiceTests.Payment;

/// <summary>What a job's requester is told of its times and its money: never what one person's are.</summary>
public sealed class MeasureTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task A_job_that_ends_without_a_claim_is_said_to_be_finished_and_holds_up_no_other()
    {
        var (empty, other) = (await given.AFundedJob(), await given.AFundedJob());
        await given.Broker.Publish(new JobClaimsClosed { JobId = empty.JobId, Claims = 0 });
        Assert.Equal(0, (await Measured(empty, m => m.Finished)).Submitted);
        await Works(other, [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())]);
        await Measured(other, m => m.People == 5);
        await Wait.Eventually(async () =>
        {
            await using var connection = await given.Service.Database.OpenConnectionAsync();
            return await connection.ExecuteScalarAsync<long>("select count(*) from job_to_measure where job_id = any(@Jobs)", new { Jobs = new[] { empty.JobId, other.JobId } }) == 0;
        });
    }

    [Fact]
    public async Task Of_a_finished_job_of_fewer_than_five_people_only_sums_of_money_are_told()
    {
        var job = await given.AFundedJob();
        await Works(job, [Guid.NewGuid(), Guid.NewGuid()]);
        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 2 });
        var told = await Measured(job, m => m.Finished);
        Assert.True(told.MoneyOnly);
        Assert.Equal(75_000, told.PaidSubmittedMicros);
        Assert.Equal((0, 0, null, 0, 0), (told.CreditedMs, told.CreditedQuartilesMs.Length, told.MeasuredMs, told.HourlyQuartilesMicros.Length, told.HourlyHistogram.Length));
    }

    [Fact]
    public async Task What_fewer_than_five_people_added_moves_no_time_and_only_the_money_once_the_job_is_finished()
    {
        var job = await given.AFundedJob(10_000_000);
        Guid[] people = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        await Works(job, people);
        var first = await Measured(job, m => m.People == 5);

        await Works(job, [.. Enumerable.Range(0, 12).Select(i => people[i % 4])], activeMs: 9_000);
        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 17 });
        var last = await Measured(job, m => m.Finished);
        Assert.Equal([first.Version, last.Version], given.Broker.Heard<JobMeasured>().Where(m => m.JobId == job.JobId).Select(m => m.Version).Distinct());
        Assert.Equal((first.CreditedMs, first.Submitted, first.People), (last.CreditedMs, last.Submitted, last.People));
        Assert.Equal(first.CreditedQuartilesMs, last.CreditedQuartilesMs);
        Assert.Equal((5 * 37_500, 17 * 37_500), (first.PaidSubmittedMicros, last.PaidSubmittedMicros));
    }

    private async Task<JobMeasured> Measured(JobPosted job, Func<JobMeasured, bool> which)
    {
        JobMeasured? heard = null;
        await Wait.Eventually(() => (heard = given.Broker.Heard<JobMeasured>().FirstOrDefault(m => m.JobId == job.JobId && which(m))) is not null, "the job is measured");
        return heard!;
    }

    private async Task Works(JobPosted job, Guid[] people, long activeMs = 5_000)
    {
        TaskCompleted[] ends = [.. people.Select(p => PaymentFixture.AnEnd(job, p, activeMs))];
        await given.Broker.Publish(ends);
        foreach (var end in ends)
            await given.Paid(end);
    }
}
