using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>Somebody at a browser: opens pages, types, presses, and looks.</summary>
internal sealed class Person : IAsyncDisposable
{
    internal const string Password = "several plain words";

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    internal Person(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _complaints.Add($"{message.Text} {message.Location}");
        };
    }

    internal IPage Page { get; }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    /// <summary>Cuts the line, or joins it again.</summary>
    internal Task IsOffline(bool offline) => _context.SetOfflineAsync(offline);

    internal Task Open(string path) => Page.GotoAsync(path);

    internal Task Type(string label, string text) => Page.GetByLabel(label, new() { Exact = true }).FillAsync(text);

    internal Task Press(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();

    internal Task Follow(string link) => Page.GetByRole(AriaRole.Link, new() { Name = link }).First.ClickAsync();

    internal Task Sees(string text) => Expect(Page.Locator("main")).ToContainTextAsync(text);

    internal Task IsAt(string path) => Expect(Page).ToHaveURLAsync(new Regex(path));

    /// <summary>Looks again until it is there: what crosses services arrives a moment later.</summary>
    internal async Task SeesSoon(string path, string text)
    {
        for (var look = 0; ; look++)
        {
            await Open(path);
            if ((await Page.Locator("main").InnerTextAsync()).Contains(text, StringComparison.Ordinal)) return;
            if (look == 60) await Sees(text);
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
    }

    internal async Task SignUp(string root, string nameLabel, string name, string button)
    {
        await Open($"{root}/sign-up");
        await Type(nameLabel, name);
        await Type("Email", $"{Guid.NewGuid():n}@example.org");
        await Type("Password", Password);
        await Press(button);
    }

    /// <summary>No script failed, nothing that the content policy forbids was tried.</summary>
    /// <param name="expected">A complaint that is none: of a page that says what was wrong with what was sent.</param>
    internal void HasNoComplaint(Func<string, bool>? expected = null) => Assert.DoesNotContain(_complaints, c => expected?.Invoke(c) != true);
}
