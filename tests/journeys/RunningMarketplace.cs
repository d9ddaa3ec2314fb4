using Marketplace.ServiceTests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Marketplace.ServiceTests.Environment))]

namespace Marketplace.JourneyTests;

/// <summary>
/// All services, and a browser: the system's Chromium, or the one that <c>MARKETPLACE_TEST_BROWSER</c> names.
/// </summary>
public sealed class RunningMarketplace : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private AllServices _services = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    internal ShiftedClock Clock { get; } = new();

    /// <summary>The one origin.</summary>
    internal Uri Address => _services.Address;

    /// <summary>A requester's program.</summary>
    internal HttpClient Requester() => _services.Program(Platform.SignIn.Requester, Guid.NewGuid());

    public async ValueTask InitializeAsync()
    {
        _services = await AllServices.Start(Clock);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = System.Environment.GetEnvironmentVariable("MARKETPLACE_TEST_BROWSER") ?? "/usr/bin/chromium",
            Args = Flags,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_services is not null)
            await _services.DisposeAsync();
    }

    /// <summary>Somebody with a browser of their own, who has never been here; or with a small one, in the dark, and without script unless it is asked for.</summary>
    internal async Task<Person> Somebody(bool onPhone = false, bool? withScript = null)
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = Address.ToString(),
            Locale = "en-GB",
            ViewportSize = onPhone ? new() { Width = 360, Height = 740 } : new() { Width = 1280, Height = 900 },
            ColorScheme = onPhone ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = withScript ?? !onPhone,
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(30_000);
        return new Person(context, await context.NewPageAsync());
    }
}

/// <summary>The real time, which a test can let pass faster: nobody sits half a minute before a task to be slow.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    internal void LetPass(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
