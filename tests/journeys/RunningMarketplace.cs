using Marketplace.Contracts;
using Marketplace.Gateway;
using Marketplace.Payment;
using Marketplace.Requester;
using Marketplace.ServiceTests;
using Marketplace.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Environment = Marketplace.ServiceTests.Environment;

[assembly: AssemblyFixture(typeof(Environment))]

namespace Marketplace.JourneyTests;

/// <summary>
/// All services behind the gateway, as production builds them, in this process; and a browser. The browser is the system's Chromium, or the one that
/// <c>MARKETPLACE_TEST_BROWSER</c> names.
/// </summary>
public sealed class RunningMarketplace : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly List<WebApplication> _apps = [];
    private Broker _broker = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    internal ShiftedClock Clock { get; } = new();

    /// <summary>The one origin.</summary>
    internal Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var databases = new Dictionary<string, string>
        {
            [EventRoutes.Payment] = await Environment.Current.CloneDatabase(EventRoutes.Payment, typeof(PaymentService).Assembly),
            [EventRoutes.Requester] = await Environment.Current.CloneDatabase(EventRoutes.Requester, typeof(RequesterService).Assembly),
            [EventRoutes.Worker] = await Environment.Current.CloneDatabase(EventRoutes.Worker, typeof(WorkerService).Assembly),
        };
        _broker = await Broker.Connect(Environment.Current.RabbitMq, $"journey_{databases[EventRoutes.Payment]}.");
        var payment = await Start(PaymentService.Build(Settings(EventRoutes.Payment, databases), Clock));
        var requester = await Start(RequesterService.Build(Settings(EventRoutes.Requester, databases), Clock));
        var worker = await Start(WorkerService.Build(Settings(EventRoutes.Worker, databases), Clock));
        Address = await Start(GatewayService.Build(
        [
            "--Urls=http://127.0.0.1:0", "--Logging:Console=false",
            $"--Services:payment={payment}", $"--Services:requester={requester}", $"--Services:worker={worker}",
        ]));

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = System.Environment.GetEnvironmentVariable("MARKETPLACE_TEST_BROWSER") ?? "/usr/bin/chromium",
            Args = Flags,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
        if (_broker is not null) await _broker.DisposeAsync();
    }

    /// <summary>Somebody with a browser of their own, who has never been here; or with a small one, in the dark and without script.</summary>
    internal async Task<Person> Somebody(bool onPhone = false)
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = Address.ToString(),
            Locale = "en-GB",
            ViewportSize = onPhone ? new() { Width = 360, Height = 740 } : new() { Width = 1280, Height = 900 },
            ColorScheme = onPhone ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = !onPhone,
        });
        context.SetDefaultTimeout(30_000);
        return new Person(context, await context.NewPageAsync());
    }

    private async Task<Uri> Start(WebApplication app)
    {
        _apps.Add(app);
        await app.StartAsync();
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    private string[] Settings(string service, Dictionary<string, string> databases) => RunningService.Settings(service, databases[service], _broker.Prefix);
}

/// <summary>The real time, which a test can let pass faster: nobody sits half a minute before a task to be slow.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    internal void LetPass(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
