using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Marketplace.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Marketplace.JourneyTests;

/// <summary>The gateway while copies of a service come and go, and while it is replaced itself: nobody notices.</summary>
public sealed class ChangingCopies : IAsyncLifetime
{
    private readonly int _port = FreePort();
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("marketplace-gateway-").FullName, "services.json");
    private readonly List<WebApplication> _running = [];
    private readonly HttpClient _client = new();

    public async ValueTask InitializeAsync()
    {
        _client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        var dead = $"http://127.0.0.1:{FreePort()}";
        Say($"{dead},{await ACopy("first")}");
        await AGateway();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var app in _running)
            await app.DisposeAsync();
    }

    [Fact]
    public async Task A_request_that_a_dead_copy_did_not_take_goes_to_another_with_all_it_says()
    {
        for (var request = 0; request < 50; request++)
            Assert.Equal("first heard 7", await Post(7));
    }

    [Fact]
    public async Task Copies_come_and_go_without_a_restart()
    {
        Say(await ACopy("second"));
        await Eventually(async () => await Post(1) == "second heard 1");
        for (var request = 0; request < 20; request++)
            Assert.Equal("second heard 2", await Post(2));
    }

    [Fact]
    public async Task A_new_gateway_takes_over_the_port_from_the_old()
    {
        var asking = Task.Run(async () =>
        {
            var failed = 0;
            for (var request = 0; request < 300; request++)
            {
                try
                {
                    Assert.Equal("first heard 3", await Post(3));
                }
                catch (HttpRequestException)
                {
                    failed++;
                    Assert.Equal("first heard 3", await Post(3));
                }
            }

            return failed;
        });
        await AGateway();
        await _running[1].StopAsync(TestContext.Current.CancellationToken);
        Assert.InRange(await asking, 0, 3);
        Assert.Equal("first heard 4", await Post(4));
    }

    private async Task<string> Post(int number)
    {
        using var response = await _client.PostAsJsonAsync("/anything", number, TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.OK
            ? await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            : $"{(int)response.StatusCode}";
    }

    /// <summary>Something that answers as a copy of the worker service would: with what it was told.</summary>
    private async Task<string> ACopy(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http => await http.Response.WriteAsync($"{name} heard {await http.Request.ReadFromJsonAsync<int>()}"));
        _running.Add(app);
        await app.StartAsync();
        return app.Urls.Single();
    }

    private async Task AGateway()
    {
        var gateway = GatewayService.Build([$"--Urls=http://127.0.0.1:{_port}", "--Logging:Console=false", $"--Services:File={_file}"]);
        _running.Add(gateway);
        await gateway.StartAsync();
    }

    private void Say(string copies)
    {
        File.WriteAllText(_file + ".new", JsonSerializer.Serialize(new { Services = new { worker = copies, requester = copies, payment = copies } }));
        File.Move(_file + ".new", _file, overwrite: true);
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 100; attempt++, await Task.Delay(100))
            if (await condition())
                return;
        Assert.Fail("Not within 10 s.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
