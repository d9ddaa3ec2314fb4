using System.Net;
using Marketplace.Payment;
using Marketplace.Platform;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>Being signed in with a browser.</summary>
public sealed class CookieTests(AccountsFixture accounts) : IClassFixture<AccountsFixture>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, false)]
    [InlineData("localhost:7000", false)]
    [InlineData("market.example.org", true)]
    [InlineData("localhost.example.org", true)]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_of_other_sites(string? host, bool isSecure)
    {
        using var visitor = accounts.Visitor(host);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.SignUp(AccountsFixture.NewEmail())).StatusCode);
        var cookie = Assert.Single(visitor.SetCookies, c => c.StartsWith(isSecure ? "__Host-worker=" : "worker=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(isSecure, cookie.Contains("secure", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_form_sent_long_after_its_page_is_not_lost()
    {
        using var visitor = accounts.Visitor();
        await visitor.SignUp(AccountsFixture.NewEmail());
        var before = visitor.Cookies["worker"];
        var answer = await visitor.Submit("/account", [], () => accounts.Worker.Clock.Advance(TimeSpan.FromHours(5)), to: "/account?handler=Others");
        Assert.Equal(("/account", HttpStatusCode.Redirect), (answer.Headers.Location!.ToString(), answer.StatusCode));
        Assert.NotEqual(before, visitor.Cookies["worker"]);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_wherever_its_cookie_went()
    {
        using var visitor = accounts.Visitor();
        await visitor.SignUp(AccountsFixture.NewEmail());
        var copy = visitor.Cookies["worker"];
        await visitor.Submit("/account", [], to: "/sign-out");
        Assert.False(visitor.Cookies.ContainsKey("worker"));

        accounts.Worker.Clock.Advance(TimeSpan.FromMinutes(11));
        visitor.Cookies["worker"] = copy;
        var answer = await visitor.Get("/account");
        Assert.Equal("/sign-in?back=%2Faccount", answer.Headers.Location?.ToString());
        Assert.False(visitor.Cookies.ContainsKey("worker"));
    }

    [Fact]
    public async Task Signing_out_elsewhere_leaves_this_browser_signed_in()
    {
        using var here = accounts.Visitor();
        using var there = accounts.Visitor();
        var email = AccountsFixture.NewEmail();
        await here.SignUp(email);
        await there.Submit("/sign-in", new() { ["Email"] = email, ["Password"] = Visitor.Password });
        Assert.True(there.Cookies.ContainsKey("worker"));
        await here.Submit("/account", [], to: "/account?handler=Others");
        accounts.Worker.Clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(HttpStatusCode.OK, (await here.Get("/account")).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await there.Get("/account")).StatusCode);
    }

    [Fact]
    public async Task A_form_without_its_token_changes_nothing()
    {
        using var visitor = accounts.Visitor();
        await visitor.SignUp(AccountsFixture.NewEmail());
        foreach (var path in (string[])["/sign-out", "/account?handler=Others", "/account?handler=Password", "/sign-in/confirm", "/sign-in", "/sign-up"])
            Assert.Equal((path, HttpStatusCode.BadRequest), (path, (await visitor.Post(path, [])).StatusCode));
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/account")).StatusCode);
    }

    [Fact]
    public async Task The_token_of_another_persons_form_is_not_enough()
    {
        using var one = accounts.Visitor();
        using var other = accounts.Visitor();
        await one.SignUp(AccountsFixture.NewEmail());
        await other.SignUp(AccountsFixture.NewEmail());
        var answer = await one.Submit("/account", [], () => one.Cookies["worker"] = other.Cookies["worker"], to: "/sign-out");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("/earnings", "/earnings")]
    [InlineData("/jobs?page=2", "/jobs?page=2")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("\\\\evil.example", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("/\r\nSet-Cookie: a=b", "/")]
    [InlineData("", "/")]
    [InlineData("/\n//evil.example", "/")]
    [InlineData("/%0d%0aSet-Cookie:%20a=b", "/%0d%0aSet-Cookie:%20a=b")]
    [InlineData("/%2f%2fevil.example", "/%2f%2fevil.example")]
    [InlineData("%2f%2fevil.example", "/")]
    [InlineData("/..//evil.example", "/..//evil.example")]
    [InlineData(" //evil.example", "/")]
    [InlineData("///evil.example", "/")]
    [InlineData("data:text/html,x", "/")]
    public async Task The_way_back_stays_on_our_side(string back, string expected)
    {
        using var visitor = accounts.Visitor();
        await visitor.SignUp(AccountsFixture.NewEmail());
        foreach (var path in (string[])["/sign-in", "/sign-in/renew"])
            Assert.Equal((path, expected), (path, (await visitor.Get($"{path}?back={Uri.EscapeDataString(back)}")).Headers.Location?.ToString()));
    }

    [Fact]
    public async Task Another_service_sends_a_cookie_that_is_over_to_be_renewed_and_money_asks_for_the_password()
    {
        await using var payment = await RunningService.Start(EventRoutes.Payment, PaymentService.Build, accounts.Worker.Clock);
        using var visitor = accounts.Visitor();
        using var payee = new Visitor(payment.Address);
        await visitor.SignUp(AccountsFixture.NewEmail());
        payee.Cookies["worker"] = visitor.Cookies["worker"];
        Assert.Equal(HttpStatusCode.OK, (await payee.Get("/ledger/cash-out")).StatusCode);

        accounts.Worker.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("/sign-in/renew?back=%2Fledger%2Fcash-out", (await payee.Get("/ledger/cash-out")).Headers.Location?.ToString());
        Assert.Equal("/ledger/cash-out", (await visitor.Get("/sign-in/renew?back=/ledger/cash-out")).Headers.Location?.ToString());
        payee.Cookies["worker"] = visitor.Cookies["worker"];
        Assert.Equal("/sign-in/confirm?back=%2Fledger%2Fcash-out", (await payee.Get("/ledger/cash-out")).Headers.Location?.ToString());

        var confirmed = await visitor.Submit("/sign-in/confirm?back=/ledger/cash-out", new() { ["Password"] = Visitor.Password });
        Assert.Equal("/ledger/cash-out", confirmed.Headers.Location?.ToString());
        payee.Cookies["worker"] = visitor.Cookies["worker"];
        Assert.Equal(HttpStatusCode.OK, (await payee.Get("/ledger/cash-out")).StatusCode);

        using var program = payment.Worker(Guid.NewGuid(), ago: SignIn.FreshFor + TimeSpan.FromSeconds(1));
        var refused = await program.GetAsync("/ledger/cash-out", Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("password", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
