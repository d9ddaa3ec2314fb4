using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace Marketplace.ServiceTests.Access;

/// <summary>What the gateway itself answers, and what it tells the services of who asks.</summary>
public sealed class GatewayTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/html", "Back in a moment")]
    [InlineData("application/json", "Send the same request again")]
    public async Task Its_own_answers_are_as_safe_as_the_services(string accepts, string says)
    {
        await using var services = await AllServices.Start(new DrivenClock());
        await services.Apps.Single(a => a.Name == EventRoutes.Payment).App.StopAsync(Cancel);
        using var http = From("127.0.0.1", services.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ledger") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accepts) } } };
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Empty(SafeHeaders.MissingOf(answer));
    }

    [Fact]
    public async Task Tries_are_counted_by_the_address_that_they_come_from_and_not_by_the_one_they_claim()
    {
        await using var services = await AllServices.Start(new DrivenClock(), "--SignIn:PerAddressAndMinute=3");
        using var here = From("127.0.0.1", services.Address);
        using var there = From("127.0.0.2", services.Address);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
            answers.Add(await Try(here, $"203.0.113.{i}"));
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], answers);
        Assert.Equal(HttpStatusCode.Unauthorized, await Try(there, "127.0.0.1"));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("market.example.org", true)]
    public async Task Away_from_this_machine_every_cookie_and_every_page_asks_for_TLS(string host, bool isSecure)
    {
        await using var services = await AllServices.Start(new DrivenClock());
        using var visitor = new Accounts.Visitor(services.Address, host);
        var page = await visitor.Get("/sign-up");
        Assert.Equal(isSecure, page.Headers.Contains("Strict-Transport-Security"));
        var cookies = new List<string>(visitor.SetCookies);
        await visitor.SignUp(Cast.NewEmail());
        cookies.AddRange(visitor.SetCookies);
        await visitor.Submit("/account", [], to: "/account?handler=Others");
        cookies.AddRange(visitor.SetCookies);

        Assert.Equal([isSecure ? "__Host-worker" : "worker", "worker.antiforgery", "worker.note"], cookies.Select(c => c.Split('=')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(cookies, c =>
        {
            Assert.Equal(isSecure, c.Contains("; secure", StringComparison.OrdinalIgnoreCase));
            Assert.Contains("; httponly", c, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(c.Split('=')[0].EndsWith("worker", StringComparison.Ordinal) ? "; samesite=lax" : "; samesite=strict", c, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; path=/", c, StringComparison.OrdinalIgnoreCase);
        });
    }

    private static async Task<HttpStatusCode> Try(HttpClient http, string claims)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = JsonContent.Create(new { email = Cast.NewEmail(), password = "wrong" }) };
        request.Headers.Add("X-Forwarded-For", claims);
        request.Headers.Add("Forwarded", $"for={claims}");
        using var answer = await http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    /// <summary>Somebody whose requests come from this address.</summary>
    private static HttpClient From(string address, Uri gateway) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = gateway,
    };
}
