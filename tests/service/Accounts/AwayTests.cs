using System.Net;
using Marketplace.Worker;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>While its database is away a service says when to come back, to people and to programs.</summary>
public sealed class AwayTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_needs_the_database_is_told_to_come_back()
    {
        await using var running = await RunningService.Start(
            EventRoutes.Worker, WorkerService.Build, null, "--ConnectionStrings:App=Host=127.0.0.1;Port=1;Database=nowhere;Username=nobody;Password=none;Timeout=2");
        using var visitor = new Visitor(running.Address);
        var page = await visitor.Get("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Equal("5", Assert.Single(page.Headers.GetValues("Retry-After")));
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("What was saved is safe", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Npgsql", html, StringComparison.Ordinal);

        using var program = running.Worker(Guid.NewGuid());
        using var answer = await program.GetAsync("/earnings", Cancel);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal("5", Assert.Single(answer.Headers.GetValues("Retry-After")));
    }
}
