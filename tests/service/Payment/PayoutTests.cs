using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Cashing out: in two phases, from one's own balance, once for each key.</summary>
public sealed class PayoutTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task Whole_cents_leave_and_arrive_and_the_rest_stays()
    {
        var worker = await AWorkerWith(37_500);
        Assert.Equal(HttpStatusCode.Created, (await CashOut(worker, 30_000)).StatusCode);

        await Wait.Eventually(() => given.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == worker));
        var issued = given.Broker.Heard<PayoutIssued>().Single(p => p.WorkerId == worker);
        var settled = given.Broker.Heard<PayoutSettled>().Single(p => p.WorkerId == worker);
        Assert.Equal((issued.PayoutId, 30_000, 7_500), (settled.PayoutId, settled.AmountMicros, settled.BalanceMicros));
        Assert.Equal(7_500, await given.OwedTo(worker));
        Assert.Equal(0, await given.Balance($"liabilities:workers:in-transit:{worker}"));
    }

    [Fact]
    public async Task A_payout_that_fails_comes_back()
    {
        var worker = await AWorkerWith(37_500);
        await CashOut(worker, 30_000, "SANDBOX-13");

        await Wait.Eventually(() => given.Broker.Heard<PayoutFailed>().Any(p => p.WorkerId == worker));
        Assert.Equal(37_500, given.Broker.Heard<PayoutFailed>().Single(p => p.WorkerId == worker).BalanceMicros);
        Assert.Equal(37_500, await given.OwedTo(worker));
    }

    [Fact]
    public async Task A_payout_that_is_sent_back_after_it_arrived_comes_back_too()
    {
        var worker = await AWorkerWith(37_500);
        await CashOut(worker, 30_000, "SANDBOX-17");

        await Wait.Eventually(() => given.Broker.Heard<PayoutReturned>().Any(p => p.WorkerId == worker));
        Assert.Single(given.Broker.Heard<PayoutSettled>(), p => p.WorkerId == worker);
        Assert.Equal(37_500, await given.OwedTo(worker));
    }

    [Fact]
    public async Task A_bank_that_does_not_answer_holds_up_no_other_payout()
    {
        var (unlucky, lucky) = (await AWorkerWith(37_500), await AWorkerWith(37_500));
        await CashOut(unlucky, 30_000, "SANDBOX-19");
        for (var i = 1; i <= 3; i++)
        {
            await CashOut(lucky, 10_000);
            await Wait.Eventually(() => given.Broker.Heard<PayoutSettled>().Count(p => p.WorkerId == lucky) == i, "another payout settles");
        }

        Assert.Equal(30_000, await given.Balance($"liabilities:workers:in-transit:{unlucky}"));
        Assert.DoesNotContain(given.Broker.Heard<PayoutFailed>(), p => p.WorkerId == unlucky);
    }

    [Fact]
    public async Task The_same_key_pays_once()
    {
        var worker = await AWorkerWith(37_500);
        var first = await CashOut(worker, 10_000, key: "monday");
        var again = await CashOut(worker, 10_000, key: "monday");
        var other = await CashOut(worker, 20_000, key: "monday");

        Assert.Equal(await PayoutId(first), await PayoutId(again));
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(27_500, await given.OwedTo(worker));
    }

    [Fact]
    public async Task Twenty_at_once_never_take_more_than_there_is()
    {
        var worker = await AWorkerWith(37_500);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CashOut(worker, 10_000)));

        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(7_500, await given.OwedTo(worker));
    }

    [Theory]
    [InlineData(40_000, null, HttpStatusCode.Conflict, "0.03 EUR")]
    [InlineData(0, null, HttpStatusCode.BadRequest, "at least 0.01")]
    [InlineData(-10_000, null, HttpStatusCode.BadRequest, "at least 0.01")]
    [InlineData(12_345, null, HttpStatusCode.BadRequest, "Whole cents")]
    [InlineData(10_000, "DE89370400440532013000", HttpStatusCode.BadRequest, "play money")]
    public async Task What_cannot_be_paid_is_refused_with_what_can(long amount, string? destination, HttpStatusCode status, string says)
    {
        var worker = await AWorkerWith(37_500);
        var answer = await CashOut(worker, amount, destination);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(37_500, await given.OwedTo(worker));
    }

    [Fact]
    public async Task Only_a_worker_who_just_signed_in_cashes_out()
    {
        using var anybody = given.Service.Anybody();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anybody.PostOnce("/ledger/cash-out", new { amountMicros = 10_000 })).StatusCode);

        using var requester = given.Service.Requester(Guid.NewGuid());
        Assert.False((await requester.PostOnce("/ledger/cash-out", new { amountMicros = 10_000 })).IsSuccessStatusCode);

        using var stale = given.Service.Worker(await AWorkerWith(37_500), ago: TimeSpan.FromMinutes(11));
        Assert.False((await stale.PostOnce("/ledger/cash-out", new { amountMicros = 10_000 })).IsSuccessStatusCode);
        foreach (var page in new[] { "/ledger/cash-out", "/ledger/payouts" })
        {
            Assert.False((await stale.GetAsync(page, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
            using var fresh = given.Service.Worker(Guid.NewGuid());
            Assert.True((await fresh.GetAsync(page, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        }

        using var keyless = given.Service.Worker(Guid.NewGuid());
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await keyless.PostAsJsonAsync("/ledger/cash-out", new { amountMicros = 10_000 }, TestContext.Current.CancellationToken)).StatusCode);
    }

    private async Task<Guid> AWorkerWith(long micros)
    {
        var job = await given.AFundedJob();
        var end = PaymentFixture.AnEnd(job);
        await given.Broker.Publish(end);
        Assert.Equal(micros, (await given.Paid(end)).BalanceMicros);
        return end.WorkerId;
    }

    private static async Task<string> PayoutId(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!["payoutId"]!.GetValue<string>();

    private async Task<HttpResponseMessage> CashOut(Guid worker, long amount, string? destination = null, string? key = null)
    {
        using var client = given.Service.Worker(worker);
        return await client.PostOnce("/ledger/cash-out", new { amountMicros = amount, destination }, key);
    }
}
