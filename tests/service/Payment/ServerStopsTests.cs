using Dapper;

namespace Marketplace.ServiceTests.Payment;

/// <summary>
/// A PostgreSQL that is stopped as an administrator stops it tells each session so (SQLSTATE 57P01). That is no fault of the message in hand:
/// it waits for the server, and is never parked.
/// </summary>
public sealed class ServerStopsTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_end_whose_session_is_ended_is_settled_later()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job);
        await EndTheSessionThatWaits(job, () => given.Broker.Publish(end));

        await given.Paid(end);
        Assert.Equal(0u, await given.Broker.Errors<TaskCompleted>("payment"));
    }

    [Fact]
    public async Task A_raise_whose_session_is_ended_is_booked_later()
    {
        var job = PaymentFixture.AJob(await given.ARequesterWith(3_300_000), budgetMicros: 3_000_000);
        await given.Broker.Publish(job);
        await given.Funded(job.JobId);
        var raised = new JobBudgetRaised { JobId = job.JobId, RequesterId = job.RequesterId, BudgetTotalMicros = job.BudgetMicros + 300_000 };
        await EndTheSessionThatWaits(job, () => given.Broker.Publish(raised));

        await given.Funded(job.JobId, atLeast: 11);
        Assert.Equal(0u, await given.Broker.Errors<JobBudgetRaised>("payment"));
    }

    /// <summary>Holds the job's row, so that whoever handles the message waits for it, and has the server end that session.</summary>
    private async Task EndTheSessionThatWaits(JobPosted job, Func<Task> publish)
    {
        await using var holder = await given.Service.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await holder.BeginTransactionAsync(Cancel);
        await holder.ExecuteAsync("select from job where job_id = @JobId for update", job, transaction);
        await publish();
        await Wait.Eventually(async () => await Terminate() > 0, "a session waits and is ended");
    }

    private async Task<long> Terminate()
    {
        await using var connection = await given.Service.Database.OpenConnectionAsync(Cancel);
        return await connection.ExecuteScalarAsync<long>("""
            with waiting as materialized (
              select pid
              from pg_stat_activity
              where datname = current_database() and usename = current_user and wait_event_type = 'Lock' and pid <> pg_backend_pid()
            )
            select count(*)
            from waiting
            where pg_terminate_backend(pid)
            """);
    }
}
