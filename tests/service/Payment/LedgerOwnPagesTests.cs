using System.Net;
using System.Net.Http.Headers;
using Marketplace.Platform;

namespace Marketplace.ServiceTests.Payment;

/// <summary>People's own money, on pages with forms, as a browser without script uses them.</summary>
public sealed class LedgerOwnPagesTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_requester_pays_in_once_however_often_the_form_is_sent()
    {
        var requester = Guid.NewGuid();
        using var browser = Browser(SignIn.Requester, requester);
        var page = await browser.GetStringAsync("/ledger/deposits", TestContext.Current.CancellationToken);
        Assert.Contains("play money", page, StringComparison.Ordinal);

        var form = Hidden(page);
        form["amount"] = "20.50";
        for (var times = 0; times < 2; times++)
        {
            using var answer = await browser.PostAsync("/ledger/deposits", new FormUrlEncodedContent(form), TestContext.Current.CancellationToken);
            Assert.Contains("20.50 EUR arrived", await LedgerFixture.Text(answer), StringComparison.Ordinal);
        }

        Assert.Equal(20_500_000, await ledger.Given.DepositOf(requester));
    }

    [Theory]
    [InlineData("", "Write the amount")]
    [InlineData("abc", "Write the amount")]
    [InlineData("0", "Pay in from")]
    [InlineData("-5", "Pay in from")]
    [InlineData("1.005", "Whole cents")]
    public async Task An_amount_that_is_none_is_said_at_its_field_and_stays_there(string amount, string words)
    {
        var requester = Guid.NewGuid();
        using var browser = Browser(SignIn.Requester, requester);
        var form = Hidden(await browser.GetStringAsync("/ledger/deposits", TestContext.Current.CancellationToken));
        form["amount"] = amount;
        using var answer = await browser.PostAsync("/ledger/deposits", new FormUrlEncodedContent(form), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await LedgerFixture.Text(answer));
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains($"value=\"{amount}\"", page, StringComparison.Ordinal);
        Assert.Equal(0, await ledger.Given.DepositOf(requester));
    }

    [Fact]
    public async Task A_form_from_elsewhere_is_refused()
    {
        using var browser = Browser(SignIn.Requester, Guid.NewGuid());
        using var answer = await browser.PostAsync(
            "/ledger/deposits", new FormUrlEncodedContent([new("amount", "5"), new("Idempotency-Key", "x")]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_worker_cashes_out_in_two_steps_and_sees_the_payout_arrive()
    {
        var worker = await AWorker();
        using var browser = Browser(SignIn.Worker, worker);
        var confirm = await browser.GetStringAsync("/ledger/cash-out?amount=0.03", TestContext.Current.CancellationToken);
        Assert.Contains("Cash out 0.03 EUR", confirm, StringComparison.Ordinal);
        Assert.Equal(37_500, await ledger.Given.OwedTo(worker));

        using var answer = await browser.PostAsync("/ledger/cash-out", new FormUrlEncodedContent(Hidden(confirm)), TestContext.Current.CancellationToken);
        Assert.Equal("/ledger/payouts", answer.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("0.03 EUR left your balance", await LedgerFixture.Text(answer), StringComparison.Ordinal);
        Assert.Equal(7_500, await ledger.Given.OwedTo(worker));
        await Wait.Eventually(async () => (await browser.GetStringAsync("/ledger/payouts")).Contains("Arrived", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.04", "You can cash out up to 0.03 EUR.")]
    [InlineData("0.001", "Cash out at least 0.01.")]
    [InlineData("all", "Write the amount")]
    public async Task More_than_there_is_or_no_amount_is_refused_with_what_would_do(string amount, string words)
    {
        using var browser = Browser(SignIn.Worker, await AWorker());
        using var answer = await browser.GetAsync($"/ledger/cash-out?amount={amount}", TestContext.Current.CancellationToken);
        Assert.False(answer.IsSuccessStatusCode);
        Assert.Contains(words, await LedgerFixture.Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cashing_out_asks_for_a_fresh_sign_in_and_pages_of_money_for_a_sign_in_at_all()
    {
        using var late = Browser(SignIn.Worker, Guid.NewGuid(), follow: false, ago: TimeSpan.FromMinutes(11));
        using var confirm = await late.GetAsync("/ledger/cash-out?amount=1", TestContext.Current.CancellationToken);
        Assert.Equal("/sign-in/confirm?back=%2Fledger%2Fcash-out%3Famount%3D1", confirm.Headers.Location!.OriginalString);
        using var payouts = await late.GetAsync("/ledger/payouts", TestContext.Current.CancellationToken);
        Assert.Equal("/sign-in/confirm?back=%2Fledger%2Fpayouts", payouts.Headers.Location!.OriginalString);

        using var nobody = Browser(SignIn.Worker, null, follow: false);
        foreach (var address in new[] { "/ledger/cash-out", "/ledger/payouts", "/ledger/deposits" })
            Assert.Contains("/sign-in?back=", (await nobody.GetAsync(address, TestContext.Current.CancellationToken)).Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private async Task<Guid> AWorker()
    {
        var end = PaymentFixture.AnEnd(ledger.Job);
        await ledger.Given.Broker.Publish(end);
        await ledger.Given.Paid(end);
        return end.WorkerId;
    }

    private HttpClient Browser(string issuer, Guid? account, bool follow = true, TimeSpan ago = default)
    {
        var address = ledger.Given.Service.Address;
        var cookies = new CookieContainer();
        if (account is { } id)
            cookies.Add(address, new Cookie(issuer, ledger.Given.Service.Token(issuer, id, ago)));
        var client = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = follow }) { BaseAddress = address };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return client;
    }

    private static Dictionary<string, string> Hidden(string page)
    {
        var fields = new Dictionary<string, string>();
        foreach (var input in page.Split("<input").Skip(1).Select(p => p.Split('>')[0]).Where(i => i.Contains("type=\"hidden\"", StringComparison.Ordinal)))
            fields[Attribute(input, "name")] = WebUtility.HtmlDecode(Attribute(input, "value"));
        return fields;

        static string Attribute(string input, string name) => input.Split($" {name}=\"")[1].Split('"')[0];
    }
}
