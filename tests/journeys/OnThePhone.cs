using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>The first minutes on a narrow screen, in the dark, without script: every form works, nothing sticks out to the side.</summary>
public sealed class OnThePhone(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    [Fact]
    public async Task Somebody_joins_mistypes_leaves_and_comes_back_without_script()
    {
        await using var worker = await marketplace.Somebody(onPhone: true);
        var email = $"{Guid.NewGuid():n}@example.org";
        foreach (var path in (string[])["/", "/sign-in", "/ledger", "/policy", "/requester/sign-up", "/nothing-here"]) await Fits(worker, path);

        await Fits(worker, "/sign-up");
        await worker.Type("What should we call you?", "Robin");
        await worker.Type("Email", "robin.example.org");
        await worker.Type("Password", "password1234");
        await worker.Press("Join");
        await Expect(worker.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("^Error: "));
        await Expect(worker.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Two things to correct");
        await Expect(worker.Page.GetByLabel("Email")).ToHaveValueAsync("robin.example.org");
        await Expect(worker.Page.GetByLabel("Password")).ToHaveValueAsync("");

        await worker.Type("Email", email);
        await worker.Type("Password", Person.Password);
        await worker.Press("Join");
        foreach (var path in (string[])["/", "/earnings", "/account", "/ledger/payouts"]) await Fits(worker, path);

        await worker.Open("/account");
        await worker.Press("Sign out");
        await worker.Open("/ledger/cash-out");
        await worker.IsAt(@"/sign-in\?back=");
        await worker.Type("Email", email);
        await worker.Type("Password", Person.Password);
        await worker.Press("Sign in");
        await worker.IsAt("/ledger/cash-out$");
    }

    [Fact]
    public async Task A_phone_left_lying_about_cashes_nothing_out_without_the_password()
    {
        if (RunningMarketplace.IsElsewhere)
            Assert.Skip("A marketplace elsewhere has a clock of its own: nobody waits ten minutes for it.");
        await using var worker = await marketplace.Somebody(onPhone: true);
        await worker.SignUp("", "What should we call you?", "Robin", "Join");
        await worker.IsAt("/$");
        await worker.Open("/ledger/cash-out");
        await worker.IsAt("/ledger/cash-out$");

        await marketplace.LetPass(TimeSpan.FromMinutes(11));
        await worker.Open("/ledger/cash-out");
        await worker.IsAt(@"/sign-in/confirm\?back=");
        await worker.Type("Password", Person.Password);
        await worker.Press("Go on");
        await worker.IsAt("/ledger/cash-out$");
    }

    private static async Task Fits(Person worker, string path)
    {
        await worker.Open(path);
        await Expect(worker.Page.Locator("main h1").First).ToBeAttachedAsync();
        var widest = await worker.Page.Locator("body").EvaluateAsync<int>("body => Math.ceil(Math.max(body.scrollWidth, document.documentElement.scrollWidth))");
        Assert.True(widest <= 360, $"{path} is {widest} pixels wide");
    }
}
