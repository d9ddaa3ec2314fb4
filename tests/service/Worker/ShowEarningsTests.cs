using System.Text.Json;

namespace Marketplace.ServiceTests.Worker;

/// <summary>A worker's payslip: every assignment, what it paid, and why a second was not credited; nobody else's.</summary>
public sealed class ShowEarningsTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task A_payslip_accounts_for_every_second_and_adds_up()
    {
        var worker = Guid.NewGuid();
        var job = await given.AFundedJob();
        var slow = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(50);
        (await given.Submit(worker, slow)).EnsureSuccessStatusCode();
        var returned = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(12);
        await given.Post(worker, returned, "return");

        var slip = await Get(worker, DayOf());
        var lines = slip.GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal([returned, slow], lines.Select(WorkerFixture.IdOf));
        Assert.Equal((0, 12_000), (Number(lines[0], "payMicros"), Number(lines[0].GetProperty("notCredited"), "underGraceMs")));
        Assert.Equal((30_000, 125_000, 20_000), (Number(lines[1], "creditedMs"), Number(lines[1], "payMicros"), Number(lines[1].GetProperty("notCredited"), "silenceMs")));
        Assert.Equal((37_500, 87_500, 125_000), (Number(slip, "rewardMicros"), Number(slip, "topUpMicros"), Number(slip, "payMicros")));
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("publicKey").ValueKind);
        var from = lines[1].GetProperty("computedFrom");
        Assert.Equal((50_000, 30_000, 0), (Number(from, "wallMs"), Number(from, "activeMs"), Number(from, "askedMs")));
        Assert.True(from.GetProperty("firstOfJob").GetBoolean());
    }

    [Fact]
    public async Task What_payment_settled_is_shown_with_its_entry_and_balance()
    {
        var worker = Guid.NewGuid();
        var job = await given.AFundedJob();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, job));
        given.After(41.2);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        await given.Broker.Publish(Paid(worker, work));

        await Wait.Eventually(async () => Number(await Get(worker, "/earnings"), "balanceMicros") == 38_427_318, "the balance is heard of");
        var line = Assert.Single((await Get(worker, DayOf())).GetProperty("lines").EnumerateArray());
        Assert.Equal((37_500, 87_500), (Number(line, "rewardMicros"), Number(line, "topUpMicros")));
        Assert.Equal((new string('7', 64), $"/ledger/receipts/{work}"), (line.GetProperty("publicKey").GetString(), line.GetProperty("receipt").GetString()));
        Assert.Equal(32, line.GetProperty("salt").GetBytesFromBase64().Length);
    }

    [Fact]
    public async Task A_line_that_was_settled_has_a_proof_for_its_worker_alone()
    {
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, await given.AFundedJob()));
        given.After(41.2);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        using var owner = given.Service.Worker(worker);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await owner.GetAsync($"/payslips/proofs/{work}", TestContext.Current.CancellationToken)).StatusCode);

        var paid = Paid(worker, work);
        await given.Broker.Publish(paid);
        await Wait.Eventually(async () => (await owner.GetAsync($"/payslips/proofs/{work}", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the entry is heard of");
        var proof = await Get(worker, $"/payslips/proofs/{work}");
        Assert.Equal(
            ($"assignment:{work}", Convert.ToHexStringLower(paid.Salt), $"/ledger/receipts/{work}", worker),
            (proof.GetProperty("entryKey").GetString(), proof.GetProperty("saltHex").GetString(), proof.GetProperty("receipt").GetString(), proof.GetProperty("workerId").GetGuid()));

        Assert.Equal($"/ledger/entries/{new string('7', 64)}", proof.GetProperty("entry").GetString());
        Assert.Equal((30_000, 41_200), (Number(proof.GetProperty("facts"), "activeMs"), Number(proof.GetProperty("facts"), "wallMs")));

        using var other = given.Service.Worker(Guid.NewGuid());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await other.GetAsync($"/payslips/proofs/{work}", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_order_of_commit_inside_payment_is_shown_nowhere()
    {
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, await given.AFundedJob()));
        given.After(41.2);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        await given.Broker.Publish(Paid(worker, work));
        await given.Broker.Publish(new PayoutIssued { PayoutId = Guid.NewGuid(), WorkerId = worker, Rail = "sandbox", AmountMicros = 40_000_000, EntryNumber = 431_499, At = given.Clock.GetUtcNow(), BalanceMicros = 5, BalanceVersion = 9 });
        using var browser = given.Service.BrowserOf(worker);
        using var program = given.Service.Worker(worker);
        await Wait.Eventually(async () => (await browser.GetAsync($"/payslips/proofs/{work}", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the entry is heard of");
        await Wait.Eventually(async () => (await Get(worker, "/earnings")).GetProperty("payouts").GetArrayLength() == 1, "the payout is heard of");

        foreach (var address in new[] { "/earnings", DayOf(), $"/payslips/proofs/{work}" })
        {
            foreach (var client in new[] { browser, program })
            {
                var shown = await client.GetStringAsync(address, TestContext.Current.CancellationToken);
                Assert.DoesNotContain("43149", shown, StringComparison.Ordinal);
                Assert.DoesNotContain("431,49", shown, StringComparison.Ordinal);
                Assert.DoesNotContain("entryNumber", shown, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_pay_that_was_told_without_its_key_has_a_proof_and_is_completed_when_it_is_told_again()
    {
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, await given.AFundedJob()));
        given.After(41.2);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();
        using var owner = given.Service.Worker(worker);
        await given.Broker.Publish(Paid(worker, work) with { EntryKey = null });
        await Wait.Eventually(async () => (await owner.GetAsync($"/payslips/proofs/{work}", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the entry is heard of");
        Assert.Equal(JsonValueKind.Null, (await Get(worker, $"/payslips/proofs/{work}")).GetProperty("entry").ValueKind);

        await given.Broker.Publish(Paid(worker, work));
        await Wait.Eventually(async () => (await Get(worker, $"/payslips/proofs/{work}")).GetProperty("entry").ValueKind == JsonValueKind.String, "its key is heard of");
    }

    [Fact]
    public async Task A_payout_is_followed_to_its_arrival()
    {
        var (worker, payout, at) = (Guid.NewGuid(), Guid.NewGuid(), given.Clock.GetUtcNow());
        await given.Broker.Publish(new PayoutSettled { PayoutId = payout, WorkerId = worker, Rail = "sandbox", AmountMicros = 40_000_000, EntryNumber = 9, At = at, BalanceMicros = 5, BalanceVersion = 3 });
        await given.Broker.Publish(new PayoutIssued { PayoutId = payout, WorkerId = worker, Rail = "sandbox", AmountMicros = 40_000_000, EntryNumber = 8, At = at, BalanceMicros = 5, BalanceVersion = 2 });

        await Wait.Eventually(async () => (await Get(worker, "/earnings")).GetProperty("payouts").GetArrayLength() == 1, "the payout is heard of");
        var earnings = await Get(worker, "/earnings");
        Assert.Equal("settled", earnings.GetProperty("payouts")[0].GetProperty("state").GetString());
        Assert.Equal(5, Number(earnings, "balanceMicros"));
    }

    [Fact]
    public async Task Of_a_payout_that_has_not_arrived_the_page_claims_no_more_and_leads_to_what_it_waits_for()
    {
        var worker = Guid.NewGuid();
        await given.Broker.Publish(new PayoutIssued { PayoutId = Guid.NewGuid(), WorkerId = worker, Rail = "sandbox", AmountMicros = 40_000_000, EntryNumber = 8, At = given.Clock.GetUtcNow(), BalanceMicros = 5, BalanceVersion = 2 });
        await Wait.Eventually(async () => (await Get(worker, "/earnings")).GetProperty("payouts").GetArrayLength() == 1, "the payout is heard of");

        using var browser = given.Service.BrowserOf(worker);
        var page = await browser.GetStringAsync("/earnings", TestContext.Current.CancellationToken);
        Assert.Contains("Not arrived yet: cashed out", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/ledger/payouts\">All payouts, and what each waits for", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_sees_what_another_earned()
    {
        var worker = Guid.NewGuid();
        var work = WorkerFixture.IdOf(await given.Claimed(worker, await given.AFundedJob()));
        given.After(5);
        (await given.Submit(worker, work)).EnsureSuccessStatusCode();

        Assert.Empty((await Get(Guid.NewGuid(), DayOf())).GetProperty("lines").EnumerateArray());
        Assert.Equal(0, Number((await Get(Guid.NewGuid(), "/earnings")).GetProperty("today"), "payMicros"));
    }

    [Fact]
    public async Task A_day_that_is_none_is_refused()
    {
        using var client = given.As(Guid.NewGuid());
        await (await client.GetAsync("/payslips/yesterday", TestContext.Current.CancellationToken)).Problem(400);
    }

    private static WorkerPaid Paid(Guid worker, Guid assignment) => new()
    {
        EntryNumber = 431_498,
        EntryKey = [.. Enumerable.Repeat((byte)0x77, 32)],
        AssignmentId = assignment,
        WorkerId = worker,
        End = AssignmentEnd.Submitted,
        RewardMicros = 37_500,
        TopUpMicros = 87_500,
        PayMicros = 125_000,
        CreditedMs = 30_000,
        AllowanceUsedMs = 0,
        FloorMicrosPerHour = 15_000_000,
        PolicyVersion = 1,
        BalanceMicros = 38_427_318,
        BalanceVersion = 7,
        Salt = new byte[32],
    };

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    /// <summary>The payslip of the installation's day, which the driven clock is in.</summary>
    private string DayOf()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        return $"/payslips/{TimeZoneInfo.ConvertTime(given.Clock.GetUtcNow(), berlin):yyyy-MM-dd}";
    }

    private async Task<JsonElement> Get(Guid worker, string address)
    {
        using var client = given.As(worker);
        return await (await client.GetAsync(address, TestContext.Current.CancellationToken)).Json();
    }
}
