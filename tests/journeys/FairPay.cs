using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>
/// The promise, end to end and by hand: a requester posts, a fast and a slow worker label by keyboard, the slow one is paid the floor, and anybody can see it in the ledger.
/// </summary>
public sealed partial class FairPay(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    [Fact]
    public async Task A_slow_worker_is_topped_up_to_the_floor_and_an_auditor_finds_it_in_the_ledger()
    {
        await using var requester = await marketplace.Somebody();
        var job = await Sentences.Posts(requester);

        await using var fast = await marketplace.Somebody();
        await Sentences.Labels(fast, marketplace, TimeSpan.Zero);
        await using var slow = await marketplace.Somebody();
        await Sentences.Labels(slow, marketplace, TimeSpan.FromSeconds(25));

        await fast.SeesSoon("/earnings", "3 assignments");
        await Expect(fast.Page.Locator(".slip tbody .topup")).ToHaveCountAsync(0);
        var entry = await IsPaidTheFloor(slow);
        await CashesOut(slow);

        await Closes(requester, job);
        await using var auditor = await marketplace.Somebody();
        await Audits(auditor, entry);
        foreach (var person in new[] { requester, fast, slow, auditor }) person.HasNoComplaint();
    }

    /// <summary>The payslip shows a top-up on every line and at least the floor an hour. Returns the address of one entry, by its public key.</summary>
    private static async Task<string> IsPaidTheFloor(Person slow)
    {
        await slow.SeesSoon("/earnings", "3 assignments");
        for (var look = 0; look < 60 && await slow.Page.Locator(".slip tbody a.proof").CountAsync() < 3; look++)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            await slow.Open("/earnings");
        }
        await Expect(slow.Page.Locator(".slip tbody .topup")).ToHaveCountAsync(3);
        var hourly = await slow.Page.Locator(".slip tbody td[data-l='per hour']").AllInnerTextsAsync();
        Assert.All(hourly, text => Assert.True(decimal.Parse(Number().Match(text).Value, CultureInfo.InvariantCulture) >= 15m, text));
        await slow.Open((await slow.Page.Locator(".slip tbody a.proof").First.GetAttributeAsync("href"))!);
        var entry = await slow.Page.Locator("main a[href^='/ledger/entries/']").First.GetAttributeAsync("href");
        await slow.Open("/earnings");
        return entry!;
    }

    private static async Task CashesOut(Person slow)
    {
        await slow.Press("Cash out");
        await slow.IsAt("/ledger/cash-out");
        if (await slow.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).CountAsync() > 0)
        {
            await slow.Type("Sandbox account", "ROBIN-1");
            await slow.Press("Continue");
        }
        await slow.Press("Cash out");
        await slow.IsAt("/ledger/payouts");
        await slow.Sees("left your balance");
    }

    /// <summary>All answers are in; closed, what was not needed comes back, and nobody's minutes are shown.</summary>
    private static async Task Closes(Person requester, string job)
    {
        await requester.SeesSoon(job, "6 of 6 answers");
        await requester.Sees("All answers are in");
        requester.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await requester.Page.GetByText("Close the job").Last.ScrollIntoViewIfNeededAsync();
        await requester.Page.Locator("summary", new() { HasText = "Close the job" }).ClickAsync();
        await requester.Press("Close the job");
        await requester.SeesSoon(job, "came back to your deposit");
        await requester.SeesSoon("/ledger/deposits", "Is the sentence positive or negative?");
    }

    private static async Task Audits(Person auditor, string entry)
    {
        await auditor.Open("/ledger");
        await auditor.Sees("Trial balance");
        await auditor.Open(entry);
        await auditor.Sees("How the pay was computed");
        await Expect(auditor.Page.Locator("main .topup").First).ToBeVisibleAsync();
        Assert.DoesNotContain("Robin", await auditor.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Number();
}
