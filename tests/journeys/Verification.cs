using System.Globalization;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>A reader presses Verify on the public ledger, and looks what the page comes to.</summary>
internal static class Verification
{
    /// <summary>Opens the ledger, presses Verify and waits: "right" or "wrong".</summary>
    internal static async Task<string?> Verified(Person reader)
    {
        await reader.Open("/ledger");
        await reader.Page.Locator("#verify-button").ClickAsync();
        await Expect(reader.Page.Locator("#verify")).ToHaveAttributeAsync("data-result", new Regex("right|wrong"));
        return await reader.Page.Locator("#verify").GetAttributeAsync("data-result");
    }

    /// <summary>Verify says loudly which step is not so.</summary>
    internal static async Task IsFound(Person reader, string step, string words)
    {
        Assert.Equal("wrong", await Verified(reader));
        await Expect(reader.Page.Locator("#verify.bad h2")).ToContainTextAsync("wrong");
        var failed = reader.Page.Locator("#verify .steps .wrong", new() { HasText = step });
        await Expect(failed).ToContainTextAsync($"Not so: {step}");
        await Expect(failed).ToContainTextAsync(words);
    }

    /// <summary>Nothing sticks out of the page at the side.</summary>
    internal static async Task Fits(Person reader, bool onPhone)
    {
        var widest = await reader.Page.Locator("body").EvaluateAsync<int>("body => Math.ceil(Math.max(body.scrollWidth, document.documentElement.scrollWidth))");
        Assert.True(widest <= (onPhone ? 360 : 1280), string.Create(CultureInfo.InvariantCulture, $"{reader.Page.Url} is {widest} pixels wide"));
    }
}
