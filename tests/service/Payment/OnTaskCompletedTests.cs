using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Ends of assignments, each settled once, whatever is doubled, late or faulty.</summary>
public sealed class OnTaskCompletedTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    private const long Euro = 1_000_000;

    [Fact]
    public async Task A_fast_worker_keeps_the_whole_reward()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job, activeMs: 5_000);
        await given.Broker.Publish(end);

        var paid = await given.Paid(end);
        Assert.Equal((37_500, 0, 37_500, 5_000), (paid.RewardMicros, paid.TopUpMicros, paid.PayMicros, paid.CreditedMs));
        Assert.Equal((37_500, paid.EntryNumber), (paid.BalanceMicros, paid.BalanceVersion));
        Assert.Equal((3 * Euro) - 45_000, await given.EscrowOf(job.JobId));
    }

    [Fact]
    public async Task An_end_that_waited_for_the_ledger_while_its_job_was_posted_is_settled_and_not_kept_for_later()
    {
        var other = await given.AFundedJob();
        var job = other with { JobId = Guid.CreateVersion7() };
        var end = PaymentFixture.AnEnd(job, activeMs: 5_000);
        await using (var posting = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await posting.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await posting.ExecuteAsync(CopyJob, new { job.JobId, Other = other.JobId }, transaction);
            await posting.ExecuteAsync("select lock_ledger()", null, transaction);
            await given.Broker.Publish(end);
            await Wait.Eventually(() => posting.ExecuteScalarAsync<bool>(IsWaitedFor, null, transaction), "the end waits for the ledger");
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(37_500, (await given.Paid(end)).PayMicros);
        await using var connection = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*)::int from pending_end where job_id = @JobId", new { job.JobId }));
    }

    private const string CopyJob = """
        insert into job
        select (jsonb_populate_record(j, jsonb_build_object('job_id', @JobId))).*
        from job j
        where job_id = @Other
        """;

    private const string IsWaitedFor = """
        select exists (select from pg_locks where not granted and locktype = 'transactionid' and transactionid = pg_current_xact_id()::xid)
        """;

    [Fact]
    public async Task A_slow_worker_is_topped_up_to_the_floor()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job, activeMs: 41_200);
        await given.Broker.Publish(end);

        // 41.2 s at 15.00 an hour is 0.171667, rounded up.
        var paid = await given.Paid(end);
        Assert.Equal((37_500, 134_167, 171_667), (paid.RewardMicros, paid.TopUpMicros, paid.PayMicros));
    }

    [Theory]
    [InlineData(AssignmentEnd.Returned)]
    [InlineData(AssignmentEnd.Expired)]
    [InlineData(AssignmentEnd.Broken)]
    public async Task An_end_without_an_answer_is_paid_from_the_allowance_and_carries_no_fee(AssignmentEnd how)
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job, activeMs: 48_000, end: how);
        await given.Broker.Publish(end);

        var paid = await given.Paid(end);
        Assert.Equal((0, 200_000, 200_000, 48_000), (paid.RewardMicros, paid.TopUpMicros, paid.PayMicros, paid.AllowanceUsedMs));
        Assert.Equal((3 * Euro) - 200_000, await given.EscrowOf(job.JobId));
    }

    [Fact]
    public async Task An_end_under_the_grace_is_an_entry_of_nothing()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job, activeMs: 29_999, end: AssignmentEnd.Returned);
        await given.Broker.Publish(end);

        var paid = await given.Paid(end);
        Assert.Equal((0, 0), (paid.PayMicros, paid.BalanceVersion));
        await using var connection = await given.Service.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*) from posting where entry_number = @EntryNumber", paid));
        Assert.Equal(11, (await given.Funded(job.JobId, 11)).Funded);
    }

    [Fact]
    public async Task An_end_heard_again_is_answered_from_what_is_stored()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job);
        await given.Broker.Publish(end, end);
        var first = await given.Paid(end);
        await given.Broker.Publish(PaymentFixture.AnEnd(job, end.WorkerId));
        await given.Broker.Publish(end);

        await Wait.Eventually(() => Answers(end).Length >= 2);
        Assert.All(Answers(end), again => Assert.Equivalent(first, again));
        await Wait.Eventually(async () => await given.OwedTo(end.WorkerId) == 2 * 37_500);
    }

    [Fact]
    public async Task An_end_with_other_facts_than_before_goes_to_the_errors_and_changes_nothing()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job);
        await given.Broker.Publish(end);
        await given.Paid(end);
        var before = await given.Broker.Errors<TaskCompleted>("payment");
        await given.Broker.Publish(end with { ActiveMs = end.ActiveMs - 1 });

        await Wait.Eventually(async () => await given.Broker.Errors<TaskCompleted>("payment") == before + 1);
        Assert.Equal(37_500, await given.OwedTo(end.WorkerId));
    }

    [Fact]
    public async Task One_poisoned_message_of_a_batch_goes_to_the_errors_alone()
    {
        var job = await given.AFundedJob(60 * Euro);
        var worker = Guid.NewGuid();
        var good = Enumerable.Range(0, 100).Select(_ => PaymentFixture.AnEnd(job, worker)).ToArray();
        var before = await given.Broker.Errors<TaskCompleted>("payment");
        var bad = PaymentFixture.AnEnd(job, worker) with { ActiveMs = 999_999_999 };
        var otherTerms = PaymentFixture.AnEnd(job, worker) with { TermsVersion = 7 };
        await given.Broker.Publish([.. good[..50], bad, otherTerms, .. good[50..]]);
        await given.Broker.PublishRaw<TaskCompleted>("""{"assignmentId": "no id"}""");

        await Wait.Eventually(async () => await given.OwedTo(worker) == 100 * 37_500);
        await Wait.Eventually(async () => await given.Broker.Errors<TaskCompleted>("payment") == before + 3);
        Assert.Empty(Answers(bad));
    }

    [Fact]
    public async Task One_poisoned_event_in_a_message_of_several_goes_to_the_errors_alone()
    {
        var job = await given.AFundedJob(60 * Euro);
        var worker = Guid.NewGuid();
        var good = Enumerable.Range(0, 20).Select(_ => PaymentFixture.AnEnd(job, worker)).ToArray();
        var before = await given.Broker.Errors<TaskCompleted>("payment");
        var bad = PaymentFixture.AnEnd(job, worker) with { ActiveMs = 999_999_999 };
        await given.Broker.PublishTogether([.. good[..10], bad, .. good[10..]]);
        await given.Broker.PublishTogether([.. good]);

        await Wait.Eventually(async () => await given.OwedTo(worker) == 20 * 37_500);
        await Wait.Eventually(async () => await given.Broker.Errors<TaskCompleted>("payment") == before + 1);
        await Wait.Eventually(() => good.All(end => Answers(end).Length >= 2));
        Assert.Empty(Answers(bad));
    }

    [Fact]
    public async Task The_number_funded_never_falls_and_no_end_takes_more_than_the_worst()
    {
        var job = await given.AFundedJob(3 * Euro);
        var ends = Enumerable.Range(0, 10).Select(i => PaymentFixture.AnEnd(job, activeMs: i % 2 == 0 ? 60_000 : 4_000)).ToArray();
        foreach (var end in ends)
        {
            await given.Broker.Publish(end);
            await given.Paid(end);
        }

        var funded = given.Broker.Heard<JobFunded>().Where(f => f.JobId == job.JobId).Select(f => f.Funded).ToList();
        Assert.Equal(funded.Order(), funded);
        await given.Funded(job.JobId, 10 + (((3 * Euro) - (5 * 300_000) - (5 * 45_000)) / 300_000));
    }

    [Fact]
    public async Task If_an_escrow_is_ever_short_the_worker_is_paid_all_the_same()
    {
        // Only a bug could claim more than was funded: one claim's money, two ends at the worst.
        var before = await given.Balance("expenses:shortfall"); // The job that another test copies has no escrow of its own.
        var job = await given.AFundedJob(300_000);
        var ends = new[] { PaymentFixture.AnEnd(job, activeMs: 60_000), PaymentFixture.AnEnd(job, activeMs: 60_000) };
        await given.Broker.Publish(ends);

        Assert.Equal(250_000, (await given.Paid(ends[0])).PayMicros);
        Assert.Equal(250_000, (await given.Paid(ends[1])).PayMicros);
        Assert.Equal(before - 300_000, await given.Balance("expenses:shortfall"));
        Assert.Equal(0, await given.EscrowOf(job.JobId));
    }

    [Fact]
    public async Task The_salt_opens_the_commitment_and_nothing_public_names_the_worker()
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job);
        await given.Broker.Publish(end);
        var paid = await given.Paid(end);

        await using var connection = await given.Service.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var commitment = await connection.ExecuteScalarAsync<byte[]>("select commitment from entry where number = @EntryNumber", paid);
        byte[] opened = [.. paid.Salt, 0, .. end.WorkerId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes($"assignment:{end.AssignmentId}")];
        Assert.Equal(SHA256.HashData(opened), commitment);

        var names = await connection.QueryAsync<string>(
            "select a.public_name from posting p join account a using (account_id) where p.entry_number = @EntryNumber order by 1", paid);
        Assert.Equal(["income:fees", "liabilities:commons", $"liabilities:job:{job.JobId}:escrow", "liabilities:workers:payable"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Jobs_are_measured_from_five_people_on_and_when_they_are_finished()
    {
        var job = await given.AFundedJob(20 * Euro);
        await given.Broker.Publish(Enumerable.Range(1, 4).Select(i => PaymentFixture.AnEnd(job, activeMs: i * 1000)).ToArray());
        await given.Funded(job.JobId, 66 + 4 - 1);
        await given.Broker.Publish(PaymentFixture.AnEnd(job, activeMs: 60_000));
        await Wait.Eventually(() => Measures(job).Length > 0);

        var first = Measures(job)[0];
        Assert.Equal((5, 5, 5, false), (first.Version, first.People, first.Submitted, first.Finished));
        Assert.Equal([2000, 3000, 4000], first.CreditedQuartilesMs);
        Assert.Equal((4 * 37_500) + 250_000, first.PaidSubmittedMicros);
        Assert.Equal(15_000_000, first.HourlyLowestMicros);
        Assert.Equal([5, .. new long[11]], first.HourlyHistogram);
        Assert.Equal([12], first.HourlyGroups);
        Assert.Null(first.MeasuredMs);

        await given.Broker.Publish(new JobClaimsClosed { JobId = job.JobId, Claims = 5 });
        await Wait.Eventually(() => Measures(job).Any(m => m.Finished));
        Assert.Equal((6, 0), (Measures(job)[^1].Version, Measures(job)[^1].EscrowMicros));
    }

    [Fact]
    public async Task Bars_of_hourly_pay_are_of_five_people_or_one_with_their_neighbours()
    {
        var (enough, few, robin) = (await given.AFundedJob(20 * Euro), await given.AFundedJob(20 * Euro), Guid.NewGuid());
        TaskCompleted[] Ends(JobPosted job, int count, long activeMs, Guid? worker = null) =>
            [.. Enumerable.Range(0, count).Select(_ => PaymentFixture.AnEnd(job, worker, activeMs))];
        await given.Broker.Publish([.. Ends(enough, 5, 60_000), .. Ends(enough, 5, 1_000), .. Ends(few, 5, 60_000), .. Ends(few, 5, 1_000, robin)]);
        await given.Broker.Publish(new JobClaimsClosed { JobId = enough.JobId, Claims = 10 }, new JobClaimsClosed { JobId = few.JobId, Claims = 10 });
        await Wait.Eventually(() => Measures(enough).Any(m => m.Finished) && Measures(few).Any(m => m.Finished));

        var (apart, together) = (Measures(enough)[^1], Measures(few)[^1]);
        Assert.Equal([5, .. new long[10], 5], apart.HourlyHistogram);
        Assert.Equal(Enumerable.Repeat(1, 12), apart.HourlyGroups);

        // Five assignments, but all of one person.
        Assert.Equal([10, .. new long[11]], together.HourlyHistogram);
        Assert.Equal([12], together.HourlyGroups);
    }

    private WorkerPaid[] Answers(TaskCompleted end) => [.. given.Broker.Heard<WorkerPaid>().Where(p => p.AssignmentId == end.AssignmentId)];

    private JobMeasured[] Measures(JobPosted job) => [.. given.Broker.Heard<JobMeasured>().Where(m => m.JobId == job.JobId)];
}
