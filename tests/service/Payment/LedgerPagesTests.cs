using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.ServiceTests.Payment;

/// <summary>What anybody reads of the ledger, and what nobody does.</summary>
public sealed class LedgerPagesTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly string[] Public =
    [
        "/ledger", "/ledger/entries", "/ledger/summary", "/ledger/trial-balance", "/ledger/export.csv", "/ledger/export.jsonl", "/ledger/export.journal",
    ];

    [Fact]
    public async Task Nothing_public_names_a_worker_an_assignment_a_payout_or_a_key()
    {
        foreach (var address in Public.Append($"/ledger/entries/{ledger.SlowNumber}"))
            foreach (var accept in new[] { "text/html", "application/json" })
            {
                var text = await LedgerFixture.Text(await ledger.Get(address, accept));
                Assert.All(ledger.Secrets, secret =>
                {
                    Assert.DoesNotContain(secret.ToString(), text, StringComparison.OrdinalIgnoreCase);
                    Assert.DoesNotContain(secret.ToString("N"), text, StringComparison.OrdinalIgnoreCase);
                });
                Assert.DoesNotContain("assignment:", text, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexStringLower(ledger.SlowPaid.Salt), text, StringComparison.OrdinalIgnoreCase);
            }
    }

    [Fact]
    public async Task Pay_carries_its_hour_and_everything_it_was_computed_from()
    {
        var entry = await ledger.Json($"/ledger/entries/{ledger.SlowNumber}");
        Assert.EndsWith(":00:00+00:00", entry["at"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("Name the bird", entry["jobTitle"]!.GetValue<string>());
        var pay = entry["pay"]!;
        Assert.Equal("submitted", pay["end"]!.GetValue<string>());
        Assert.Equal(
            [60_000, 41_200, 15_000_000, 171_667, 37_500, 134_167, 171_667],
            new[] { "limitMs", "creditedMs", "floorMicrosPerHour", "owedMicros", "rewardMicros", "topUpMicros", "payMicros" }
                .Select(name => pay[name]!.GetValue<long>()));
        Assert.Equal(64, pay["facts"]!.GetValue<string>().Length);
        Assert.All(["activeMs", "unseenMs", "allowanceLeftMs", "firstOfJob", "capMs"], name => Assert.Null(pay[name]));
        Assert.Equal(0, entry["postings"]!.AsArray().Sum(p => p!["amountMicros"]!.GetValue<long>()));
    }

    [Fact]
    public async Task With_the_salt_the_worker_shows_that_the_entry_is_theirs()
    {
        var entry = await ledger.Json($"/ledger/entries/{ledger.SlowNumber}");
        var line = entry["postings"]!.AsArray().Single(p => p!["account"]!.GetValue<string>() == "liabilities:workers:payable")!;
        byte[] opened =
        [
            .. ledger.SlowPaid.Salt, 0, .. ledger.Slow.WorkerId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes($"assignment:{ledger.Slow.AssignmentId}"),
        ];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(opened)), line["commitment"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_entry_opens_with_how_the_pay_was_computed_and_where_the_money_went()
    {
        var page = await ledger.Page($"/ledger/entries/{ledger.SlowNumber}");
        foreach (var words in new[] { "How the pay was computed", "Owed: 41.2 s", "15.00 EUR/h", "Top-up", "Where the money went", "Escrow of the job", "A worker (commitment", "Cooperative fee, 18 % of pay" })
            Assert.Contains(words, WebUtility.HtmlDecode(page), StringComparison.Ordinal);

        var nothing = WebUtility.HtmlDecode(await ledger.Page($"/ledger/entries/{await ledger.NumberOf(await ledger.Given.Paid(ledger.Returned))}"));
        Assert.Contains("Assignment ended, nothing owed", nothing, StringComparison.Ordinal);
        Assert.Contains("No money moved", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_with_script_gets_the_entry_without_the_page_around_it()
    {
        using var client = new HttpClient { BaseAddress = ledger.Given.Service.Address, DefaultRequestHeaders = { { "HX-Request", "true" } } };
        var fragment = await client.GetStringAsync($"/ledger/entries/{ledger.SlowNumber}", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("<html", fragment, StringComparison.Ordinal);
        Assert.Contains("Where the money went", fragment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trial_balance_is_level_and_has_no_shortfall()
    {
        var balance = await ledger.Json("/ledger/trial-balance");
        Assert.Equal(balance["debitMicros"]!.GetValue<long>(), balance["creditMicros"]!.GetValue<long>());
        var accounts = balance["accounts"]!.AsArray().ToDictionary(a => a!["account"]!.GetValue<string>(), a => a!["balanceMicros"]!.GetValue<long>());
        Assert.Equal(0, accounts["expenses:shortfall"]);
        Assert.Contains("liabilities:job:…:escrow", accounts.Keys);
        Assert.Single(accounts.Keys, name => name.StartsWith("liabilities:workers:payable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_page_shows_five_figures_and_none_of_fewer_than_five_people()
    {
        var summary = await ledger.Page("/ledger/summary");
        foreach (var words in new[] { "Time worked and paid", "Lowest hourly pay, ever", "Typical hourly pay", "People", "Paid to them" })
            Assert.Contains(words, summary, StringComparison.Ordinal);
        Assert.Contains("<dd>31</dd>", summary, StringComparison.Ordinal);

        await using var few = new PaymentFixture();
        await few.InitializeAsync();
        await few.Paid(await Ended(few));
        using var client = few.Service.Anybody();
        var hidden = await client.GetStringAsync("/ledger/summary", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Lowest", hidden, StringComparison.Ordinal);
        Assert.DoesNotContain("People</dt>", hidden, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_does_not_exist_is_not_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await ledger.Get("/ledger/entries/999999999", "text/html")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ledger.Get("/ledger/entries/0", "application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ledger.Get("/ledger/entries/x", "text/html")).StatusCode);
    }

    private static async Task<TaskCompleted> Ended(PaymentFixture given)
    {
        var end = PaymentFixture.AnEnd(await given.AFundedJob());
        await given.Broker.Publish(end);
        return end;
    }
}
