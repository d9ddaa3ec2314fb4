using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Marketplace.Gateway;
using Marketplace.Payment;
using Marketplace.Platform;
using Marketplace.Requester;
using Marketplace.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests;

/// <summary>All services behind the gateway, as production builds them, in this process, each with a database of its own, under one clock.</summary>
internal sealed class AllServices : IAsyncDisposable
{
    private readonly List<(string Name, WebApplication App)> _apps = [];
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, string> _databases = [];
    private readonly Dictionary<string, int> _healthPorts = [];
    private readonly string[] _more;
    private Broker _broker = null!;

    private AllServices(TimeProvider clock, string[] more) => (_clock, _more) = (clock, more);

    /// <summary>The one origin.</summary>
    internal Uri Address { get; private set; } = null!;

    /// <summary>Payment's parts, for what is done on its command line.</summary>
    internal IServiceProvider Payment { get; private set; } = null!;

    /// <summary>Each service by its name, and the gateway.</summary>
    internal IEnumerable<(string Name, WebApplication App)> Apps => _apps;

    /// <param name="clock">What all of them take for the time.</param>
    /// <param name="settings">Settings on top of the usual, given to every one.</param>
    internal static async Task<AllServices> Start(TimeProvider clock, params string[] settings)
    {
        var all = new AllServices(clock, settings);
        await all.Start();
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, app) in Enumerable.Reverse(_apps))
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        await _broker.DisposeAsync();
    }

    /// <summary>A program that acts as somebody of this issuer, with a token that is good from now on for its usual time.</summary>
    internal HttpClient Program(string issuer, Guid account)
    {
        var tokens = new SignInTokens(issuer, Path.Combine(Environment.Current.KeyFolder, $"{issuer}.pem"), _clock);
        var token = tokens.Issue(account, "Somebody", Guid.NewGuid(), _clock.GetUtcNow()).Token;
        return new()
        {
            BaseAddress = Address,
            DefaultRequestHeaders =
            {
                Accept = { new MediaTypeWithQualityHeaderValue("application/json") },
                Authorization = new AuthenticationHeaderValue("Bearer", token),
            },
        };
    }

    /// <summary>Where a service, or the gateway, says how it is.</summary>
    internal Uri HealthOf(string service) => new($"http://127.0.0.1:{_healthPorts[service]}");

    /// <summary>Stops payment, and starts it again at the same address with some settings changed.</summary>
    internal async Task RestartPayment(params string[] changed)
    {
        var before = _apps.Single(a => a.Name == EventRoutes.Payment);
        var address = AddressOf(before.App);
        await before.App.StopAsync();
        await before.App.DisposeAsync();
        _apps.Remove(before);

        var payment = PaymentService.Build([.. Settings(EventRoutes.Payment), $"--Urls={address}", .. changed], _clock);
        Payment = payment.Services;
        await Start(EventRoutes.Payment, payment);
    }

    /// <summary>The service's own address, behind the gateway.</summary>
    internal Uri AddressOf(string service) => AddressOf(_apps.Single(a => a.Name == service).App);

    private async Task Start()
    {
        await Clone(EventRoutes.Payment, typeof(PaymentService));
        await Clone(EventRoutes.Requester, typeof(RequesterService));
        await Clone(EventRoutes.Worker, typeof(WorkerService));
        _broker = await Broker.Connect(Environment.Current.RabbitMq, $"all_{_databases[EventRoutes.Payment]}.");

        var payment = PaymentService.Build(Settings(EventRoutes.Payment), _clock);
        Payment = payment.Services;
        var addresses = new Dictionary<string, Uri>
        {
            [EventRoutes.Payment] = await Start(EventRoutes.Payment, payment),
            [EventRoutes.Requester] = await Start(EventRoutes.Requester, RequesterService.Build(Settings(EventRoutes.Requester), _clock)),
            [EventRoutes.Worker] = await Start(EventRoutes.Worker, WorkerService.Build(Settings(EventRoutes.Worker), _clock)),
        };
        Address = await Start(Gateway, GatewayService.Build(
            [.. Ports(Gateway), "--Logging:Console=false", .. addresses.Select(a => $"--Services:{a.Key}={a.Value}")]));
    }

    private async Task Clone(string service, Type composition) =>
        _databases[service] = await Environment.Current.CloneDatabase(service, composition.Assembly);

    internal const string Gateway = "gateway";

    private async Task<Uri> Start(string name, WebApplication app)
    {
        _apps.Add((name, app));
        await app.StartAsync();
        return AddressOf(app);
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private string[] Settings(string service) =>
    [
        $"--ConnectionStrings:App={Environment.Current.App(service, _databases[service])}",
        $"--ConnectionStrings:Owner={Environment.Current.Owner(service, _databases[service])}",
        $"--RabbitMq:Uri={Environment.Current.RabbitMq}",
        $"--RabbitMq:Prefix={_broker.Prefix}",
        .. Ports(service),
        $"--SignIn:PrivateKey={Path.Combine(Environment.Current.KeyFolder, $"{service}.pem")}",
        $"--SignIn:PublicKeys:worker={Path.Combine(Environment.Current.KeyFolder, $"{SignIn.Worker}.pub.pem")}",
        $"--SignIn:PublicKeys:requester={Path.Combine(Environment.Current.KeyFolder, $"{SignIn.Requester}.pub.pem")}",
        $"--Log:KeyFile={Path.Combine(Environment.Current.KeyFolder, "log.key")}",
        "--Logging:Console=false",
        "--Publication:Every=00:00:00",
        .. _more,
    ];

    private string[] Ports(string name) =>
        [$"--Urls=http://127.0.0.1:{FreePort()}", $"--Health:Port={_healthPorts[name] = FreePort()}"];

    /// <summary>A port of our own, for services that are told each other's address before they start.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
