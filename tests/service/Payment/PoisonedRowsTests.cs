using Dapper;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A row that a loop always fails at steps aside: what comes after it goes its way.</summary>
public sealed class PoisonedRowsTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task A_job_that_cannot_be_measured_holds_up_no_other()
    {
        await Owner("insert into job_to_measure (job_id) select gen_random_uuid() from generate_series(1, 3)");
        var job = await given.AFundedJob();
        foreach (var end in Enumerable.Range(0, 5).Select(_ => PaymentFixture.AnEnd(job)))
            await given.Broker.Publish(end);

        await Wait.Eventually(() => given.Broker.Heard<JobMeasured>().Any(m => m.JobId == job.JobId && m.Submitted == 5), "the job is measured");
    }

    [Fact]
    public async Task Events_that_cannot_be_sent_hold_up_no_other_however_many_they_are()
    {
        await Owner("insert into outbox (event, body) select e, '{}' from generate_series(1, 600), unnest(array['JobFunded', 'NoSuchEvent']) e");
        for (var i = 1; i <= 3; i++)
        {
            var requester = await given.ARequesterWith(1_000_000);
            await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().Any(c => c.RequesterId == requester), "the deposit is told");
            await given.AFundedJob(); // Its event may share a message with theirs.
        }

        await Owner("delete from outbox where body = '{}'");
    }

    private async Task Owner(string sql)
    {
        await using var connection = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync(sql);
    }
}
