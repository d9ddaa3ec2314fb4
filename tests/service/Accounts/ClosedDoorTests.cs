using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Marketplace.Payment;
using Marketplace.Platform;
using Marketplace.Requester;
using Marketplace.Worker;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>Every address of every service says who may come in, and nobody else does.</summary>
public sealed partial class ClosedDoorTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, Func<string[], TimeProvider?, WebApplication>> Services = new()
    {
        [EventRoutes.Worker] = WorkerService.Build,
        [EventRoutes.Requester] = RequesterService.Build,
        [EventRoutes.Payment] = PaymentService.Build,
    };

    [Theory]
    [InlineData(EventRoutes.Worker)]
    [InlineData(EventRoutes.Requester)]
    [InlineData(EventRoutes.Payment)]
    public async Task Every_address_names_who_may_open_it_and_refuses_everybody_else(string service)
    {
        await using var running = await RunningService.Start(service, Services[service]);
        var routes = running.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Where(e => !IsErrorFallback(e)).ToList();
        Assert.NotEmpty(routes);

        var silent = routes.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null && !Names(e).Any()).Select(e => e.RoutePattern.RawText).Distinct();
        Assert.Empty(silent);

        using var nobody = running.Anybody();
        using var forger = Forger(running);
        var opened = new List<string>();
        foreach (var route in routes.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            using var stranger = Names(route).Any(IsForWorkers) ? running.Requester(Guid.NewGuid()) : running.Worker(Guid.NewGuid());
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
                foreach (var (who, client) in new[] { ("nobody", nobody), ("a forger", forger), ("somebody of the other kind", stranger) })
                {
                    if (who.StartsWith("some", StringComparison.Ordinal) && Names(route).Contains("anybody")) continue;
                    using var request = new HttpRequestMessage(new HttpMethod(method), Fill(route.RoutePattern.RawText!));
                    var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
                    if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)) opened.Add($"{method} {route.RoutePattern.RawText}: {who} got {(int)answer.StatusCode}");
                }
        }
        Assert.Empty(opened);
    }

    [Fact]
    public async Task An_address_that_does_not_exist_is_not_found()
    {
        await using var running = await RunningService.Start(EventRoutes.Worker, WorkerService.Build);
        using var nobody = running.Anybody();
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/nothing-here", Cancel)).StatusCode);
    }

    [Fact]
    public async Task An_address_that_names_nobody_is_closed_to_everybody()
    {
        await using var running = await RunningService.Start(EventRoutes.Worker, (args, clock) =>
        {
            var app = WorkerService.Build(args, clock);
            app.MapGet("/forgotten", () => "open");
            return app;
        });
        using var nobody = running.Anybody();
        using var worker = running.Worker(Guid.NewGuid());
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync("/forgotten", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await worker.GetAsync("/forgotten", Cancel)).StatusCode);
    }

    private static IEnumerable<string> Names(Endpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(a => a.Policy).OfType<string>();

    private static bool IsForWorkers(string policy) => policy is SignIn.WorkerPolicy or SignIn.FreshWorkerPolicy;

    /// <summary>Routing's own answers (405, 415) have no pattern of ours.</summary>
    private static bool IsErrorFallback(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText is null;

    private static string Fill(string pattern)
    {
        var path = Parameter().Replace(pattern, m => m.Value.Contains("regex(^(", StringComparison.Ordinal) ? m.Value.Split("regex(^(")[1].Split('|')[0] : m.Value.Contains("int", StringComparison.Ordinal) || m.Value.Contains("long", StringComparison.Ordinal) ? "1"
            : m.Value.Contains("day", StringComparison.OrdinalIgnoreCase) || m.Value.Contains("date", StringComparison.OrdinalIgnoreCase) ? "2026-03-03" : Guid.NewGuid().ToString());
        return path.StartsWith('/') ? path : "/" + path;
    }

    private static HttpClient Forger(RunningService running)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        var token = new SignInTokens(SignIn.Worker, file, running.Clock).Issue(Guid.NewGuid(), "", Guid.NewGuid(), running.Clock.GetUtcNow());
        File.Delete(file);
        var client = running.Anybody();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        return client;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
