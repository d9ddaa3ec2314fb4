using Marketplace.ServiceTests;
using Microsoft.Playwright;
using Environment = Marketplace.ServiceTests.Environment;

[assembly: AssemblyFixture(typeof(Marketplace.ServiceTests.Environment))]

namespace Marketplace.JourneyTests;

/// <summary>
/// All services, or the marketplace that <c>MARKETPLACE_TEST_ADDRESS</c> names, and a browser: the system's Chromium, or the one that
/// <c>MARKETPLACE_TEST_BROWSER</c> names.
/// </summary>
public sealed class RunningMarketplace : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>What is public moves at once: a journey looks at what it has just done.</summary>
    internal const string AtOnce = "--Publication:Every=00:00:00";

    private readonly ShiftedClock _clock = new();
    private AllServices? _services;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <summary>The one origin.</summary>
    internal Uri Address => Environment.Elsewhere ?? _services!.Address;

    /// <summary>Whether it runs under the world's clock, where time passes no faster for a test.</summary>
    internal static bool IsElsewhere => Environment.Elsewhere is not null;

    /// <summary>A requester's program.</summary>
    internal HttpClient Requester() => _services!.Program(Platform.SignIn.Requester, Guid.NewGuid());

    public async ValueTask InitializeAsync()
    {
        if (!IsElsewhere)
            _services = await AllServices.Start(_clock, AtOnce);
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

    /// <summary>Stops payment, and starts it again at the same address with some settings changed.</summary>
    internal Task RestartPayment(params string[] changed) => _services!.RestartPayment(changed);

    /// <summary>So much later, for the marketplace and everybody in it.</summary>
    internal async Task LetPass(TimeSpan time)
    {
        if (IsElsewhere)
            await Task.Delay(time, TestContext.Current.CancellationToken);
        else
            _clock.LetPass(time);
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
