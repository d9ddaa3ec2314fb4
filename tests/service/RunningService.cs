using System.Net.Http.Headers;
using System.Net.Http.Json;
using Marketplace.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Marketplace.ServiceTests;

/// <summary>
/// One service as production builds it, on a free port, with a database and a broker prefix of its own and a clock that the test moves.
/// </summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly Func<WebApplication> _build;
    private WebApplication? _app;

    private RunningService(string service, string databaseName, DrivenClock clock, Broker broker, Func<string[], TimeProvider?, WebApplication> build, string[] settings)
    {
        (Clock, Broker) = (clock, broker);
        _build = () => build([.. Settings(service, databaseName, broker.Prefix), .. settings], clock);
        Database = NpgsqlDataSource.Create(Environment.Current.App(service, databaseName));
        Owner = NpgsqlDataSource.Create(Environment.Current.Owner(service, databaseName));
    }

    internal DrivenClock Clock { get; }

    /// <summary>The broker as the other services would use it.</summary>
    internal Broker Broker { get; }

    /// <summary>The service's database under the application's login.</summary>
    internal NpgsqlDataSource Database { get; }

    /// <summary>The same under the owner's.</summary>
    internal NpgsqlDataSource Owner { get; }

    internal IServiceProvider Services => _app!.Services;

    internal Uri Address { get; private set; } = null!;

    internal static async Task<RunningService> Start(
        string service, Func<string[], TimeProvider?, WebApplication> build, DrivenClock? clock = null, params string[] settings)
    {
        var database = await Environment.Current.CloneDatabase(service, build.Method.Module.Assembly);
        var broker = await Broker.Connect(Environment.Current.RabbitMq, $"{database}.");
        var running = new RunningService(service, database, clock ?? new DrivenClock(), broker, build, settings);
        await running.Start();
        return running;
    }

    internal async Task Start()
    {
        _app = _build();
        await _app.StartAsync();
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Stops the service; messages wait for it.</summary>
    internal async Task Stop()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await Stop();
        await Broker.DisposeAsync();
        await Database.DisposeAsync();
        await Owner.DisposeAsync();
    }

    /// <summary>A program that nobody signed in for.</summary>
    internal HttpClient Anybody() => new() { BaseAddress = Address, DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } } };

    /// <summary>A program that acts as this worker.</summary>
    /// <param name="worker">Any id.</param>
    /// <param name="ago">How long ago the password was given.</param>
    internal HttpClient Worker(Guid worker, TimeSpan ago = default) => SignedIn(SignIn.Worker, worker, ago);

    /// <summary>A browser in which this worker is signed in.</summary>
    internal HttpClient BrowserOf(Guid worker)
    {
        var browser = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = Address };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        browser.DefaultRequestHeaders.Add("Cookie", $"{SignIn.Worker}={Token(SignIn.Worker, worker)}");
        return browser;
    }

    /// <summary>A program that acts as this requester.</summary>
    internal HttpClient Requester(Guid requester) => SignedIn(SignIn.Requester, requester, TimeSpan.Zero);

    /// <summary>What the issuer gives out at a sign-in so long ago: a bearer's token, and the value of a browser's cookie.</summary>
    internal string Token(string issuer, Guid account, TimeSpan ago = default) =>
        new SignInTokens(issuer, Path.Combine(Environment.Current.KeyFolder, $"{issuer}.pem"), Clock)
            .Issue(account, "Somebody", Guid.NewGuid(), Clock.GetUtcNow() - ago).Token;

    private HttpClient SignedIn(string issuer, Guid account, TimeSpan ago)
    {
        var client = Anybody();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(issuer, account, ago));
        return client;
    }

    /// <summary>What every service is told: its database, the broker, the keys, and to listen on a free port.</summary>
    internal static string[] Settings(string service, string database, string brokerPrefix) =>
    [
        $"--ConnectionStrings:App={Environment.Current.App(service, database)}",
        $"--ConnectionStrings:Owner={Environment.Current.Owner(service, database)}",
        $"--RabbitMq:Uri={Environment.Current.RabbitMq}",
        $"--RabbitMq:Prefix={brokerPrefix}",
        "--Urls=http://127.0.0.1:0",
        $"--SignIn:PrivateKey={Path.Combine(Environment.Current.KeyFolder, $"{service}.pem")}",
        $"--SignIn:PublicKeys:worker={Path.Combine(Environment.Current.KeyFolder, "worker.pub.pem")}",
        $"--SignIn:PublicKeys:requester={Path.Combine(Environment.Current.KeyFolder, "requester.pub.pem")}",
        $"--Log:KeyFile={Path.Combine(Environment.Current.KeyFolder, "log.key")}",
        "--Publication:Every=00:00:00",
        "--Logging:Console=false",
    ];
}

/// <summary>Requests with an Idempotency-Key, as all that move money have.</summary>
internal static class Requests
{
    internal static async Task<HttpResponseMessage> PostOnce<T>(this HttpClient client, string address, T body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return await client.SendAsync(request);
    }
}
