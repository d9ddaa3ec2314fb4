using System.Net;
using Marketplace.Worker;
using Microsoft.AspNetCore.Builder;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>What every answer tells the browser, also when something went wrong.</summary>
public sealed class HeaderTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_bounds_what_its_page_may_do()
    {
        await using var running = await RunningService.Start(EventRoutes.Worker, (args, clock) =>
        {
            var app = WorkerService.Build(args, clock);
            app.MapGet("/broken", string () => throw new InvalidOperationException("secret of the house")).AllowAnonymous();
            return app;
        });
        using var visitor = new Visitor(running.Address);
        foreach (var (path, status) in new[]
        {
            ("/", HttpStatusCode.OK), ("/sign-in", HttpStatusCode.OK), ("/account", HttpStatusCode.SeeOther), ("/nothing-here", HttpStatusCode.NotFound),
            ("/broken", HttpStatusCode.InternalServerError),
        })
        {
            var answer = await visitor.Get(path);
            Assert.Equal((path, status), (path, answer.StatusCode));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'self' 'unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(answer.Headers.Contains("Server"));
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.DoesNotContain("secret of the house", html, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_of_somebody_signed_in_is_not_kept()
    {
        await using var running = await RunningService.Start(EventRoutes.Worker, WorkerService.Build);
        using var visitor = new Visitor(running.Address);
        await visitor.SignUp(AccountsFixture.NewEmail());
        foreach (var path in (string[])["/", "/earnings", "/account"])
            Assert.True((await visitor.Get(path)).Headers.CacheControl?.NoStore, path);
    }
}
