using System.Net;
using System.Net.Sockets;
using Marketplace.Worker;

namespace Marketplace.ServiceTests;

/// <summary>What operators look at is on a port of its own, and not on the one that the world reaches.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Health_and_metrics_answer_on_their_own_port_alone()
    {
        var port = FreePort();
        await using var service = await RunningService.Start("worker", WorkerService.Build, null, $"--Health:Port={port}");
        using var inside = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var outside = service.Anybody();

        foreach (var path in new[] { "/health/live", "/health/ready", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.OK, (await inside.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
            Assert.False((await outside.GetAsync(path, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        }

        Assert.Contains("# TYPE", await inside.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await inside.GetAsync("/sign-in", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await outside.GetAsync("/sign-in", TestContext.Current.CancellationToken)).StatusCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
