using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Marketplace.ServiceTests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>
/// The promise, end to end and by hand: a requester posts, a fast and a slow worker label by keyboard, the slow one is paid the floor, and anybody can see it in the ledger.
/// </summary>
public sealed partial class FairPay(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    private static readonly string[] Tasks = ["A quiet film that stays with you.", "Two hours I will not get back.", "The music alone is worth the ticket."];

    [Fact]
    public async Task A_slow_worker_is_topped_up_to_the_floor_and_an_auditor_finds_it_in_the_ledger()
    {
        await using var requester = await marketplace.Somebody();
        var job = await Posts(requester);

        await using var fast = await marketplace.Somebody();
        await Labels(fast, TimeSpan.Zero);
        await using var slow = await marketplace.Somebody();
        await Labels(slow, TimeSpan.FromSeconds(25));

        await fast.SeesSoon("/earnings", "3 assignments");
        await Expect(fast.Page.Locator(".slip tbody .topup")).ToHaveCountAsync(0);
        var entry = await IsPaidTheFloor(slow);
        await CashesOut(slow);

        await Closes(requester, job);
        await using var auditor = await marketplace.Somebody();
        await Audits(auditor, entry);
        foreach (var person in new[] { requester, fast, slow, auditor }) person.HasNoComplaint();
    }

    private static async Task<string> Posts(Person requester)
    {
        await requester.SignUp("/requester", "Public name", "Film archive", "Open the account");
        await requester.IsAt("/requester/jobs$");
        await requester.Open("/ledger/deposits");
        await requester.Type("Pay in", "50");
        await requester.Press("Add play money");
        await requester.Sees("50.00 EUR arrived");
        await requester.SeesSoon("/requester/jobs", "50.00 EUR on deposit");

        await requester.Open("/requester/jobs/new");
        await requester.Type("Title", "Is the sentence positive or negative?");
        await requester.Type("What to do, in one or two sentences", "Choose what the writer feels.");
        await requester.Type("Question over each task", "How does the writer feel?");
        await requester.Type("Choices", "positive\nnegative");
        await requester.Type("Reward", "0.05");
        await requester.Type("Estimate", "2");
        await requester.Type("Answers per task", "2");
        await requester.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "sentences.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes("id,sentence\n" + string.Join('\n', Tasks.Select((task, i) => $"{i + 1},\"{task}\"")) + "\n"),
        });
        await requester.Press("Read the file");
        await requester.Sees("3 rows");
        await requester.Page.GetByLabel("Column with the text to look at").SelectOptionAsync("sentence");
        await requester.Type("Budget for this job", "20");
        await requester.Page.Locator("button:has(#o-post)").ClickAsync();
        await requester.IsAt("/requester/jobs/[0-9a-f-]{36}$");
        return new Uri(requester.Page.Url).AbsolutePath;
    }

    /// <summary>Joins, starts the job, and answers every task by keyboard, each after some more time.</summary>
    private async Task Labels(Person worker, TimeSpan more)
    {
        await worker.SignUp("", "What should we call you?", "Robin", "Join");
        await worker.SeesSoon("/", "Is the sentence positive or negative?");
        await worker.Press("Start: Is the sentence positive or negative?");
        for (var task = 0; task < Tasks.Length; task++)
        {
            var form = worker.Page.Locator("form#task");
            var at = await form.GetAttributeAsync("action");
            marketplace.Clock.LetPass(more + TimeSpan.FromSeconds(1));
            // A key may fall into the moment in which the next task is being put on the page.
            await Wait.Eventually(async () =>
            {
                await worker.Page.Keyboard.PressAsync("1");
                return await worker.Page.GetByLabel("positive").IsCheckedAsync();
            });
            await Expect(worker.Page.Locator(".paybar [data-submit]")).Not.ToHaveAttributeAsync("aria-disabled", "true");
            await worker.Page.Keyboard.PressAsync("Enter");
            await Expect(worker.Page.Locator($"form#task[action='{at}']")).ToHaveCountAsync(0);
        }
        await Expect(worker.Page.Locator("form#task")).ToHaveCountAsync(0);
        await worker.Sees("Nothing is left for you in this job");
        await Expect(worker.Page.GetByRole(AriaRole.Button, new() { Name = "Next task of this job" })).ToHaveCountAsync(0);
    }

    /// <summary>The payslip shows a top-up on every line and at least the floor an hour. Returns the number of one entry.</summary>
    private static async Task<string> IsPaidTheFloor(Person slow)
    {
        await slow.SeesSoon("/earnings", "3 assignments");
        for (var look = 0; look < 60 && await slow.Page.Locator(".slip tbody a[href^='/ledger/entries/']").CountAsync() < 3; look++)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            await slow.Open("/earnings");
        }
        await Expect(slow.Page.Locator(".slip tbody .topup")).ToHaveCountAsync(3);
        var hourly = await slow.Page.Locator(".slip tbody td[data-l='per hour']").AllInnerTextsAsync();
        Assert.All(hourly, text => Assert.True(decimal.Parse(Number().Match(text).Value, CultureInfo.InvariantCulture) >= 15m, text));
        return Number().Match((await slow.Page.Locator(".slip tbody a[href^='/ledger/entries/']").First.GetAttributeAsync("href"))!).Value;
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
        await auditor.Open($"/ledger/entries/{entry}");
        await auditor.Sees("How the pay was computed");
        await Expect(auditor.Page.Locator("main .topup").First).ToBeVisibleAsync();
        Assert.DoesNotContain("Robin", await auditor.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"[\d.]+")]
    private static partial Regex Number();
}
