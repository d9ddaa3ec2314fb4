using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Marketplace.Gateway;
using Microsoft.AspNetCore.Builder;

namespace Marketplace.JourneyTests;

/// <summary>The gateway alone, with no service behind it.</summary>
public sealed class WhileAway : IAsyncLifetime
{
    private readonly int _port = FreePort();
    private readonly int _healthPort = FreePort();
    private WebApplication _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        var nobody = $"http://127.0.0.1:{FreePort()}";
        _gateway = GatewayService.Build(
        [
            $"--Urls=http://127.0.0.1:{_port}", $"--Health:Port={_healthPort}", "--Logging:Console=false",
            $"--Services:worker={nobody}", $"--Services:requester={nobody}", $"--Services:payment={nobody}",
        ]);
        await _gateway.StartAsync();
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/requester/jobs")]
    [InlineData("/ledger")]
    public async Task A_person_is_told_that_nothing_is_lost_and_the_page_tries_again(string address)
    {
        using var response = await Get(_port, address, "text/html,*/*");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("10", response.Headers.GetValues("Retry-After").Single());
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Answers that were saved are safe", page, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/jobs", "*/*")]
    [InlineData("/earnings", "application/json")]
    [InlineData("/ledger/trial-balance", "application/json")]
    public async Task A_program_gets_a_problem_and_when_to_ask_again(string address, string accept)
    {
        using var response = await Get(_port, address, accept);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("10", response.Headers.GetValues("Retry-After").Single());
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Send the same request again", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task The_gateway_itself_answers_on_its_health_port_and_only_there(string address)
    {
        using var inside = await Get(_healthPort, address, "*/*");
        Assert.Equal(HttpStatusCode.OK, inside.StatusCode);
        using var elsewhere = await Get(_healthPort, "/", "*/*");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var outside = await Get(_port, address, "*/*");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, outside.StatusCode);
    }

    private static async Task<HttpResponseMessage> Get(int port, string address, string accept)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{address}");
        request.Headers.Accept.ParseAdd(accept);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
