using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Paying in.</summary>
public sealed class DepositTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task A_deposit_is_credited_and_said_to_be_play_money()
    {
        var requester = Guid.NewGuid();
        using var client = given.Service.Requester(requester);
        var answer = await client.PostOnce("/ledger/deposits", new { amountMicros = 12_340_000 });

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!;
        Assert.True(body["playMoney"]!.GetValue<bool>());
        Assert.Equal(12_340_000, body["creditedTotalMicros"]!.GetValue<long>());
        await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().Any(c => c.RequesterId == requester && c.CreditedTotalMicros == 12_340_000));
    }

    [Fact]
    public async Task The_same_key_is_one_deposit_even_at_the_same_moment()
    {
        var requester = Guid.NewGuid();
        using var client = given.Service.Requester(requester);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostOnce("/ledger/deposits", new { amountMicros = 10_000 }, "once")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Equal(10_000, await given.DepositOf(requester));
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostOnce("/ledger/deposits", new { amountMicros = 20_000 }, "once")).StatusCode);
        Assert.Equal(10_000, await given.DepositOf(requester));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-10_000)]
    [InlineData(10_001)]
    [InlineData(1_000_000_010_000)]
    [InlineData(long.MaxValue)]
    public async Task An_amount_that_is_no_amount_is_refused(long amount)
    {
        var requester = Guid.NewGuid();
        using var client = given.Service.Requester(requester);
        var answer = await client.PostOnce("/ledger/deposits", new { amountMicros = amount });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("amountMicros", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await given.DepositOf(requester));
    }

    [Fact]
    public async Task Nobody_but_a_requester_pays_in()
    {
        using var anybody = given.Service.Anybody();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anybody.PostOnce("/ledger/deposits", new { amountMicros = 10_000 })).StatusCode);
        using var worker = given.Service.Worker(Guid.NewGuid());
        Assert.False((await worker.PostOnce("/ledger/deposits", new { amountMicros = 10_000 })).IsSuccessStatusCode);
    }
}
