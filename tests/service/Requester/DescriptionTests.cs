using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.Payment;
using Marketplace.Requester;
using Marketplace.Requester.Keys;
using Marketplace.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.ServiceTests.Requester;

/// <summary><c>/openapi.json</c> says of all services what they map for programs, no more and no less, and its examples work when pasted.</summary>
public sealed partial class DescriptionTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    /// <summary>What only pages use, and pages that have no other face.</summary>
    private static readonly string[] ForPages = ["/requester/jobs", "/ui/", "/requester/assets/", "/assets/", "/ledger/assets/"];

    private static readonly string[] NotForPrograms = ["get /sign-in/renew", "get /requester/sign-in/renew", "get /assignments/{}/{}"];

    /// <summary>Pages that answer programs too.</summary>
    private static readonly string[] PagesWithJson =
        ["get /ledger/entries", "get /ledger/entries/{}", "get /ledger/trial-balance"];

    [Fact]
    public void Every_endpoint_for_programs_is_described_and_nothing_else_is()
    {
        using var description = JsonDocument.Parse(ServeDescription.Read());
        var described = description.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {Shape(path.Name)}")).Order().ToArray();
        var mapped = new (string Service, Func<string[], TimeProvider?, WebApplication> Build)[]
            {
                ("requester", RequesterService.Build), ("worker", WorkerService.Build), ("payment", PaymentService.Build),
            }
            .SelectMany(s => Mapped(s.Build(Settings(s.Service), null))).Concat(PagesWithJson).Distinct().Order().ToArray();
        Assert.Equal(mapped, described);
    }

    [Fact]
    public async Task The_examples_work_when_pasted()
    {
        using var client = await given.ARequesterWith(100 * RequesterFixture.Euro);
        var paths = (await client.Json("/openapi.json")).GetProperty("paths");
        JsonElement Example(string path, string type = "application/json", string method = "post") =>
            paths.GetProperty(path).GetProperty(method).GetProperty("requestBody").GetProperty("content").GetProperty(type).GetProperty("example");
        async Task<JsonElement> Paste(string address, string body, string type = "application/json", HttpMethod? method = null)
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Post, address) { Content = new StringContent(body, Encoding.UTF8, type) };
            var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{address}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            return await response.Json();
        }

        var job = (await Paste("/api/jobs", Example("/api/jobs").GetRawText())).GetProperty("jobId").GetGuid();
        await Paste($"/api/jobs/{job}", Example("/api/jobs/{jobId}", method: "put").GetRawText(), method: HttpMethod.Put);
        foreach (var type in new[] { "text/csv", "application/x-ndjson" })
            await Paste($"/api/jobs/{job}/upload", Example("/api/jobs/{jobId}/upload", type).GetString()!, type);
        await Paste($"/api/jobs/{job}/post", Example("/api/jobs/{jobId}/post").GetRawText());
        await Paste($"/api/jobs/{job}/budget", Example("/api/jobs/{jobId}/budget").GetRawText());
        await Paste("/api/keys", Example("/api/keys").GetRawText());
    }

    private static IEnumerable<string> Mapped(WebApplication app) => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<PageActionDescriptor>() is null)
        .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(m => m != "HEAD")
            .Select(method => (Method: method.ToLowerInvariant(), Path: "/" + e.RoutePattern.RawText!.Trim('/'))))
        .Where(e => !ForPages.Any(prefix => e.Path.StartsWith(prefix, StringComparison.Ordinal)))
        .Select(e => $"{e.Method} {Shape(e.Path)}")
        .Where(e => !NotForPrograms.Contains(e));

    private static string Shape(string path) => Parameter().Replace(path, "{}");

    private static string[] Settings(string service) =>
    [
        "--ConnectionStrings:App=Host=127.0.0.1", "--ConnectionStrings:Owner=Host=127.0.0.1", "--RabbitMq:Uri=amqp://127.0.0.1", "--Logging:Console=false",
        $"--Log:KeyFile={Path.Combine(Environment.Current.KeyFolder, "log.key")}",
        $"--SignIn:PrivateKey={Path.Combine(Environment.Current.KeyFolder, $"{service}.pem")}",
        $"--SignIn:PublicKeys:worker={Path.Combine(Environment.Current.KeyFolder, "worker.pub.pem")}",
        $"--SignIn:PublicKeys:requester={Path.Combine(Environment.Current.KeyFolder, "requester.pub.pem")}",
    ];

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
