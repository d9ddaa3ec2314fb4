using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>HTML and script, typed or uploaded wherever a person can write something, is text wherever it is read: seen in a real browser, by everybody whom it reaches.</summary>
public sealed class InertText(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    private const string Html = "\"'><img src=x onerror=ran()><script>ran()</script>";
    private const string Label = "\"><svg onload=ran()>";
    private const string Column = "<svg onload=ran()>";

    private readonly List<string> _ran = [];

    [Fact]
    public async Task Markup_and_script_are_shown_as_they_were_typed_and_never_run()
    {
        await using var requester = await Somebody();
        await requester.SignUp("/requester", "Public name", Html, "Open the account");
        var job = await Posts(requester);
        await MakesAKey(requester);

        await using var worker = await Somebody();
        await worker.SignUp("", "What should we call you?", Html, "Join");
        await worker.Open("/account");
        await worker.Sees(Html);
        await Answers(worker);

        await requester.SeesSoon(job, "1 of 2 answers");
        await requester.Sees(Html);
        await requester.Open($"{job}?review=1");
        await requester.Sees(Label);
        await worker.SeesSoon("/earnings", "1 assignment");
        await worker.Sees(Html);
        await IsEchoed(worker);

        Assert.Empty(_ran);
        requester.HasNoComplaint(IsRefused);
        worker.HasNoComplaint(IsRefused);
    }

    private static async Task<string> Posts(Person requester)
    {
        await requester.Open("/ledger/deposits");
        await requester.Type("Pay in", Html);
        await requester.Press("Add play money");
        await Expect(requester.Page.GetByLabel("Pay in", new() { Exact = true })).ToHaveValueAsync(Html);
        await requester.Type("Pay in", "50");
        await requester.Press("Add play money");
        await requester.SeesSoon("/requester/jobs", "50.00 EUR on deposit");

        await requester.Open("/requester/jobs/new");
        await requester.Type("Title", Html);
        await requester.Type("What to do, in one or two sentences", Html);
        await requester.Type("Question over each task", Html);
        await requester.Type("Choices", $"{Label}\n{Label}2");
        await requester.Type("Reward", "0.05");
        await requester.Type("Estimate", "2");
        await requester.Type("Answers per task", "2");
        await requester.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "<img src=x onerror=ran()>.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes($"{Column}\n\"{Html.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n"),
        });
        await requester.Press("Read the file");
        await requester.Sees("1 row");
        await requester.Sees("<img src=x onerror=ran()>.csv");
        await requester.Page.GetByLabel("Column with the text to look at").SelectOptionAsync(Column);
        await requester.Press("Check the price");
        await requester.Sees(Html);
        await requester.Type("Budget for this job", "20");
        await requester.Page.Locator("button:has(#o-post)").ClickAsync();
        await requester.IsAt("/requester/jobs/[0-9a-f-]{36}$");
        return new Uri(requester.Page.Url).AbsolutePath;
    }

    private static async Task MakesAKey(Person requester)
    {
        await requester.Open("/requester/keys");
        await requester.Type("What it is for", Html);
        await requester.Press("Make a key");
        await requester.Sees(Html);
        await requester.Open("/requester/jobs");
        await requester.Sees(Html);
        await requester.SeesSoon("/ledger/deposits", Html);
    }

    private async Task Answers(Person worker)
    {
        await worker.SeesSoon("/", Html);
        await worker.Press($"Start: {Html}");
        await worker.Sees(Html);
        await worker.Sees(Label);
        await marketplace.LetPass(TimeSpan.FromSeconds(2));
        await worker.Page.Locator("label.choice").First.ClickAsync();
        await Expect(worker.Page.Locator("input[name=label]").First).ToBeCheckedAsync();
        await Expect(worker.Page.Locator(".paybar [data-submit]")).Not.ToHaveAttributeAsync("aria-disabled", "true");
        await worker.Page.Keyboard.PressAsync("Enter");
        await Expect(worker.Page.Locator("form#task")).ToHaveCountAsync(0);
    }

    /// <summary>What is said back because it was wrong, or because it was asked for.</summary>
    private static async Task IsEchoed(Person worker)
    {
        var asked = Uri.EscapeDataString(Html);
        await worker.Open($"/ledger/entries?of={asked}&kind=pay");
        await worker.Sees(Html);
        await worker.Open($"/?sort={asked}");
        await worker.Open($"/ledger/cash-out?amount={asked}&destination={asked}");
        await Expect(worker.Page.GetByLabel("Sandbox account")).ToHaveValueAsync(Html);
        await worker.Open("/account");
        await worker.Press("Sign out");
        await worker.Open($"/sign-in?back={asked}");
        await worker.Type("Email", Html);
        await worker.Type("Password", Html);
        await worker.Press("Sign in");
        await Expect(worker.Page.GetByLabel("Email", new() { Exact = true })).ToHaveValueAsync(Html);
    }

    /// <summary>A page that is sent with another status than 200 is said to have failed, which it did on purpose.</summary>
    private static bool IsRefused(string complaint) =>
        complaint.StartsWith("Failed to load resource: the server responded with a status of 400", StringComparison.Ordinal)
        && (complaint.Contains("/ledger/deposits", StringComparison.Ordinal) || complaint.Contains("/ledger/cash-out", StringComparison.Ordinal) || complaint.Contains("/ledger/entries", StringComparison.Ordinal));

    /// <summary>Somebody whose browser tells when one of these texts has run.</summary>
    private async Task<Person> Somebody()
    {
        var person = await marketplace.Somebody();
        await person.Page.ExposeFunctionAsync("ran", () => _ran.Add(person.Page.Url));
        person.Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/x", StringComparison.Ordinal)) _ran.Add($"a picture on {person.Page.Url}");
        };
        person.Page.Dialog += (_, dialog) => _ran.Add(dialog.Message);
        return person;
    }
}
