using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Marketplace.Payment.Payouts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Marketplace.ServiceTests.Payment;

/// <summary>After a restore nothing is paid out until ledger and rail agree, and nothing is paid twice.</summary>
public sealed class ReconcilePayoutsTests : IAsyncLifetime
{
    private readonly string _record = Path.Combine(Directory.CreateTempSubdirectory("marketplace-rail-").FullName, "record.jsonl");
    private readonly PaymentFixture given;

    public ReconcilePayoutsTests() => given = new([$"--Sandbox:Record={_record}"]);

    public ValueTask InitializeAsync() => given.InitializeAsync();

    public ValueTask DisposeAsync() => given.DisposeAsync();

    [Fact]
    public async Task Held_payouts_go_once_the_rail_was_asked()
    {
        Assert.Equal(2, (await Run("reconcile-payouts")).Code);
        Assert.Equal(0, (await Run("hold-payouts", "--why", "a test")).Code);
        var (worker, payout) = await ACashOut();
        await Wait.Eventually(() => IsDue(payout), "the payout would be sent");
        await given.Service.Services.GetServices<IHostedService>().OfType<SettlePayouts>().Single().Sweep(TestContext.Current.CancellationToken);
        Assert.Empty(Sent(payout));
        Assert.Contains("Waits: payouts are on hold", await Page(worker), StringComparison.Ordinal);
        Assert.Contains("All payouts are on hold: a test. It leaves when they are released.", await Page(worker), StringComparison.Ordinal);

        var (code, output, _) = await Run("reconcile-payouts");
        Assert.True(code == 0, output);
        Assert.Contains("0 that the rail has done and only have to be booked, 1 to be sent", output, StringComparison.Ordinal);
        await Settled(worker);
        Assert.Single(Sent(payout));
        Assert.DoesNotContain("on hold", await Page(worker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sandbox_knows_what_it_did_whoever_asks()
    {
        var requester = await given.ARequesterWith(1_000_000);
        using var client = given.Service.Requester(requester);
        for (var deposit = 0; deposit < 3; deposit++)
            (await client.PostOnce("/ledger/deposits", new { amountMicros = 1_000_000 })).EnsureSuccessStatusCode();
        File.AppendAllText(_record, "{\"at\":\"2026-03-");
        (await client.PostOnce("/ledger/deposits", new { amountMicros = 1_000_000 })).EnsureSuccessStatusCode();

        using var anothers = new Marketplace.Payment.Deposits.SandboxRecordStore(_record, given.Service.Clock);
        var known = await anothers.Since(DateTimeOffset.MinValue, TestContext.Current.CancellationToken);
        Assert.Equal(5, known.Count(m => m.RequesterId == requester));
        Assert.Equal(5, File.ReadLines(_record).Count(l => l.Contains(requester.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_the_rail_had_done_is_booked_and_not_sent_again()
    {
        await Run("hold-payouts", "--why", "a test");
        var (worker, payout) = await ACashOut();
        TheRailDid(payout, 30_000, "SANDBOX-1");

        var (code, output, _) = await Run("reconcile-payouts");
        Assert.True(code == 0, output);
        Assert.Contains("1 that the rail has done", output, StringComparison.Ordinal);
        await Settled(worker);
        Assert.Single(Sent(payout));
        Assert.Equal(7_500, await given.OwedTo(worker));
    }

    [Fact]
    public async Task A_payout_that_the_ledger_lost_keeps_the_hold_until_it_is_booked()
    {
        var worker = await AWorker();
        await Run("hold-payouts", "--why", "a test");
        var lost = Guid.CreateVersion7();
        TheRailDid(lost, 30_000, "SANDBOX-1");

        var (code, output, _) = await Run("reconcile-payouts");
        Assert.Equal(1, code);
        Assert.Contains($"Payout {lost}: the rail paid 0.03 to SANDBOX-1", output, StringComparison.Ordinal);
        var (refused, _, why) = await Run("reconcile-payouts", "--book", $"{lost}={Guid.NewGuid()}");
        Assert.Equal(2, refused);
        Assert.Contains("has 0.00", why, StringComparison.Ordinal);

        (code, output, _) = await Run("reconcile-payouts", "--book", $"{lost}={worker}");
        Assert.True(code == 0, output);
        await Settled(worker);
        Assert.Equal(7_500, await given.OwedTo(worker));
        Assert.Single(Sent(lost));
    }

    [Fact]
    public async Task A_deposit_that_arrived_and_was_lost_is_booked_once()
    {
        var requester = await given.ARequesterWith(1_000_000);
        await Run("hold-payouts", "--why", "a test");
        Write(new JsonObject
        {
            ["at"] = given.Service.Clock.GetUtcNow().AddMinutes(-5), ["amountMicros"] = 2_000_000, ["state"] = "settled",
            ["reference"] = Guid.NewGuid().ToString(), ["requesterId"] = requester,
        });

        Assert.Equal(0, (await Run("reconcile-payouts")).Code);
        Assert.Equal(3_000_000, await given.DepositOf(requester));
        await Wait.Eventually(() => given.Broker.Heard<DepositCredited>().Any(d => d.RequesterId == requester && d.CreditedTotalMicros == 3_000_000));
        given.Service.Clock.Advance(TimeSpan.FromSeconds(1));
        await Run("hold-payouts", "--why", "again");
        Assert.Equal(0, (await Run("reconcile-payouts")).Code);
        Assert.Equal(3_000_000, await given.DepositOf(requester));
    }

    private async Task<Guid> AWorker()
    {
        var end = PaymentFixture.AnEnd(await given.AFundedJob());
        await given.Broker.Publish(end);
        Assert.Equal(37_500, (await given.Paid(end)).BalanceMicros);
        return end.WorkerId;
    }

    private async Task<(Guid Worker, Guid Payout)> ACashOut()
    {
        var worker = await AWorker();
        using var client = given.Service.Worker(worker);
        var answer = await client.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 });
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
        return (worker, body!["payoutId"]!.GetValue<Guid>());
    }

    /// <summary>The worker's page of payouts, as a browser gets it.</summary>
    private async Task<string> Page(Guid worker)
    {
        using var browser = given.Service.BrowserOf(worker);
        return await browser.GetStringAsync("/ledger/payouts", TestContext.Current.CancellationToken);
    }

    private async Task<bool> IsDue(Guid payout)
    {
        await using var command = given.Service.Database.CreateCommand("select ask_at <= clock_timestamp() - interval '50 ms' from payout_open where payout_id = $1");
        command.Parameters.AddWithValue(payout);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is true;
    }

    private Task Settled(Guid worker) => Wait.Eventually(() => given.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == worker), "the payout is settled");

    private void TheRailDid(Guid payout, long amount, string destination) => Write(new JsonObject
    {
        ["at"] = given.Service.Clock.GetUtcNow(), ["amountMicros"] = amount, ["state"] = "settled", ["payoutId"] = payout, ["destination"] = destination,
    });

    private void Write(JsonObject line) => File.AppendAllText(_record, line.ToJsonString() + "\n");

    private List<string> Sent(Guid payout) => [.. File.ReadLines(_record).Where(l => l.Contains(payout.ToString(), StringComparison.Ordinal))];

    private async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        await using var output = new StringWriter(CultureInfo.InvariantCulture);
        await using var errors = new StringWriter(CultureInfo.InvariantCulture);
        var code = await PayoutCommands.Run(args, given.Service.Services, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
