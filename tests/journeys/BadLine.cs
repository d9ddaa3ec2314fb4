using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>Work on a line that comes and goes: nothing typed is lost, nothing is sent twice, and the page says how it stands.</summary>
public sealed class BadLine(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    private const string Title = "Say it in other words";

    [Fact]
    public async Task A_draft_survives_a_reload_and_an_answer_waits_for_the_line()
    {
        using var program = marketplace.Requester();
        var draft = new { title = Title, question = "How would you say it?", kind = "text", textColumn = "text", rewardMicros = 80_000, estimateMs = 4_000, wanted = 1 };
        await Posting.Post(program, draft, ["One sentence", "Another sentence"], 20_000_000);
        await using var worker = await marketplace.Somebody();
        await worker.SignUp("", "What should we call you?", "Robin", "Join");
        await worker.SeesSoon("/", Title);
        await worker.Press("Start: " + Title);

        await KeepsTheDraft(worker);
        await SaysWhoIsAway(worker);
        await WaitsForTheLine(worker);
    }

    private static async Task KeepsTheDraft(Person worker)
    {
        await worker.Type("Your answer", "In one phrase");
        await worker.IsOffline(true);
        await worker.Type("Your answer", "In one phrase and more");
        await worker.IsOffline(false);
        await worker.Page.ReloadAsync();
        await Expect(worker.Page.GetByLabel("Your answer")).ToHaveValueAsync("In one phrase and more");
        await worker.Sees("5 words. Your text is kept on this device");
    }

    private async Task SaysWhoIsAway(Person worker)
    {
        await worker.Page.Clock.InstallAsync();
        await worker.Page.ReloadAsync();

        // The field had the focus on arrival, which is a contact: its pulse is sent ten seconds after the page came.
        await worker.Page.RunAndWaitForResponseAsync(
            () => worker.Page.Clock.FastForwardAsync(12_000), response => response.Url.EndsWith("/pulses", StringComparison.Ordinal));
        await marketplace.LetPass(TimeSpan.FromSeconds(60));
        await worker.Page.Clock.FastForwardAsync(60_000);
        await Expect(State(worker)).ToContainTextAsync("Away since");
        await Expect(Button(worker)).ToHaveTextAsync("I am back");
        await Button(worker).ClickAsync();
        await Expect(State(worker)).ToHaveTextAsync("Reading");
        await Expect(Button(worker)).ToContainTextAsync("Submit");
    }

    private static async Task WaitsForTheLine(Person worker)
    {
        var first = await worker.Page.Locator("form#task").GetAttributeAsync("action");
        await worker.IsOffline(true);
        await worker.Page.GetByLabel("Your answer").PressAsync("Control+Enter");
        await Expect(State(worker)).ToHaveTextAsync("Offline, answer kept");
        await Expect(worker.Page.Locator(".paybar [data-made]")).ToHaveTextAsync("kept on this device, sent when the line is back");
        await Expect(worker.Page.GetByLabel("Your answer")).ToBeDisabledAsync();
        await Expect(Button(worker)).ToHaveAttributeAsync("aria-disabled", "true");

        await worker.IsOffline(false);
        await Expect(worker.Page.Locator($"form#task[action='{first}']")).ToHaveCountAsync(0);
        await Expect(worker.Page.GetByLabel("Your answer")).ToHaveValueAsync("");
        await Expect(worker.Page).ToHaveURLAsync(new Regex("/assignments/[0-9a-f-]{36}$"));
        await worker.SeesSoon("/earnings", "1 assignment");
    }

    private static ILocator State(Person worker) => worker.Page.Locator(".paybar [data-state] b");

    private static ILocator Button(Person worker) => worker.Page.Locator(".paybar [data-submit]");
}
