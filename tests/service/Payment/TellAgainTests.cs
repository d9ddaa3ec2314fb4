using Marketplace.Payment;
using Marketplace.Platform;

namespace Marketplace.ServiceTests.Payment;

/// <summary>What payment said once it can say again, word for word.</summary>
public sealed class TellAgainTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task Deposits_funding_measures_and_payouts_are_told_again_and_nothing_is_booked_twice()
    {
        var job = await given.AFundedJob();
        var ends = Enumerable.Range(0, 5).Select(_ => PaymentFixture.AnEnd(job)).ToArray();
        await given.Broker.Publish(ends);
        foreach (var end in ends)
            await given.Paid(end);
        using (var client = given.Service.Worker(ends[0].WorkerId))
            (await client.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => given.Broker.Heard<PayoutSettled>().Count > 0 && given.Broker.Heard<JobMeasured>().Count > 0);
        var refused = PaymentFixture.AJob(await given.ARequesterWith(1_000_000), 1_000_000, rewardMicros: 1) with { PostedAt = DateTimeOffset.UtcNow };
        await given.Broker.Publish(refused);
        await Wait.Eventually(() => given.Broker.Heard<JobRefused>().Count > 0);

        var (funded, measured) = (given.Broker.Heard<JobFunded>()[^1], given.Broker.Heard<JobMeasured>()[^1]);
        var entries = await Entries();
        Assert.Equal(0, await TellAgain());

        await Wait.Eventually(() => Times(funded) == 2 && given.Broker.Heard<JobMeasured>().Count(m => m.Version == measured.Version) == 2);
        await Wait.Eventually(() => given.Broker.Heard<PayoutSettled>().Count == 2 && given.Broker.Heard<PayoutIssued>().Count == 2);
        await Wait.Eventually(() => given.Broker.Heard<JobRefused>().Count == 2);
        await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().GroupBy(d => d.RequesterId).All(g => g.Count(d => d == g.MaxBy(m => m.CreditedTotalMicros)) >= 2));
        Assert.Single(given.Broker.Heard<PayoutSettled>().Distinct());

        // Who waits is answered again from what is stored.
        await given.Broker.Publish(ends);
        await Wait.Eventually(() => given.Broker.Heard<WorkerPaid>().Count == 10);
        Assert.Equal(5, given.Broker.Heard<WorkerPaid>().Select(p => p.EntryNumber).Distinct().Count());
        Assert.Equal(entries, await Entries());
    }

    private int Times(JobFunded funded) => given.Broker.Heard<JobFunded>().Count(f => f == funded);

    private async Task<long> Entries()
    {
        await using var command = given.Service.Database.CreateCommand("select count(*) from entry");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private Task<int> TellAgain() => TellAgainCommand.Run(
        ["tell-again", "--since", "2020-01-01"], given.Service.Services, Tellings.All, TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken);
}
