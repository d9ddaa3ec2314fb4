using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Marketplace.Platform;

namespace Marketplace.ServiceTests.Requester;

/// <summary>A requester's pages as a browser without script uses them: forms in, pages and redirects out.</summary>
public sealed partial class PagesTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    private const long Euro = RequesterFixture.Euro;

    [Fact]
    public async Task A_job_is_written_priced_posted_fed_with_money_and_closed_by_forms()
    {
        var requester = Guid.NewGuid();
        using var program = await given.ARequesterWith(50 * Euro, requester);
        using var browser = Browser(requester);
        var page = await Get(browser, "/requester/jobs/new");
        var job = Guid.Parse(JobOf().Match(page).Groups[1].Value);

        using var form = new MultipartFormDataContent
        {
            { new StringContent(TokenOf(page)), "__RequestVerificationToken" },
            { new StringContent("Name <b>the</b> bird"), "title" },
            { new StringContent("0,0375"), "reward" },
            { new ByteArrayContent("text\nwren\nrobin\nshort,row\n"u8.ToArray()), "file", "birds.csv" },
        };
        Assert.Equal(302, (int)(await browser.PostAsync($"/requester/jobs/{job}/upload", form, TestContext.Current.CancellationToken)).StatusCode);
        var draft = $"/requester/jobs/{job}/draft";
        page = await Get(browser, draft);
        Assert.Contains("Name &lt;b&gt;the&lt;/b&gt; bird", page, StringComparison.Ordinal);
        Assert.Contains("1 of 3 rows cannot be posted", page, StringComparison.Ordinal);

        var fields = new Dictionary<string, string>
        {
            ["title"] = "Name the bird", ["question"] = "Which bird?", ["kind"] = "choice", ["labels"] = "wren\r\nrobin", ["textColumn"] = "text",
            ["reward"] = "0.02", ["estimate"] = "9", ["wanted"] = "3", ["budget"] = "", ["leaveOut"] = "true",
        };
        page = await Submit(browser, $"{draft}?handler=Price", page, fields, 200);
        Assert.Contains("Under the floor of 15.00 EUR", Plain(page), StringComparison.Ordinal);
        fields["reward"] = "much";
        page = await Submit(browser, $"{draft}?handler=Post", page, fields, 200);
        Assert.Contains("<title>Error:", page, StringComparison.Ordinal);
        Assert.Contains("value=\"much\"", page, StringComparison.Ordinal);
        fields["reward"] = "0.0375";
        fields["budget"] = "51";
        page = await Submit(browser, $"{draft}?handler=Post", page, fields, 200);
        Assert.Contains("You have 50.00 EUR on deposit", page, StringComparison.Ordinal);
        fields["budget"] = "3";
        await Submit(browser, $"{draft}?handler=Post", page, fields, 302);

        page = await Get(browser, $"/requester/jobs/{job}");
        Assert.Contains("0 of 6 answers", page, StringComparison.Ordinal);
        await Submit(browser, $"/requester/jobs/{job}?handler=Budget", page, new() { ["add"] = "nothing" }, 200);
        await Submit(browser, $"/requester/jobs/{job}?handler=Budget", page, new() { ["add"] = "2.50" }, 302);
        await Submit(browser, $"/requester/jobs/{job}?handler=Close", page, [], 302);
        var view = await program.Json($"/api/jobs/{job}");
        Assert.Equal(("closed", 5_500_000), (view.GetProperty("state").GetString(), view.GetProperty("budgetMicros").GetInt64()));
        Assert.Equal(44_500_000, (await program.Json("/api/deposit")).GetProperty("availableMicros").GetInt64());
        Assert.Contains("Name the bird", await Get(browser, "/requester/jobs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_are_reviewed_excluded_and_put_back_by_forms()
    {
        var requester = Guid.NewGuid();
        using var program = await given.ARequesterWith(50 * Euro, requester);
        var job = await RequesterFixture.Draft(program);
        (await RequesterFixture.Upload(program, job, "text\nA small brown bird\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(program, job)).EnsureSuccessStatusCode();
        var odd = RequesterFixture.AnAnswer(job, 1, "robin");
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 1, "wren"), RequesterFixture.AnAnswer(job, 1, "wren"), odd);
        await RequesterFixture.Answered(program, job, 3);

        using var browser = Browser(requester);
        var page = await Get(browser, $"/requester/jobs/{job}?review=1");
        Assert.Contains("A small brown bird", page, StringComparison.Ordinal);
        Assert.Contains("2 of 3", page, StringComparison.Ordinal);
        await Submit(browser, $"/requester/jobs/{job}?handler=Exclude&review=1", page, new() { ["assignmentId"] = odd.AssignmentId!.Value.ToString() }, 302);
        Assert.Contains("2 of 2", await Get(browser, $"/requester/jobs/{job}"), StringComparison.Ordinal);
        await Submit(browser, $"/requester/jobs/{job}?handler=PutBack&review=1", page, new() { ["assignmentId"] = odd.AssignmentId!.Value.ToString() }, 302);
        Assert.Contains("2 of 3", await Get(browser, $"/requester/jobs/{job}"), StringComparison.Ordinal);
        Assert.Contains("id=\"pr\"", await Get(browser, $"/requester/jobs/{job}?handler=Live"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_and_a_visitor_change_nothing()
    {
        var (program, job) = await given.APostedJob();
        var requester = Guid.NewGuid();
        using var browser = Browser(requester);
        using var empty = new FormUrlEncodedContent([]);
        Assert.Equal(400, (int)(await browser.PostAsync($"/requester/jobs/{job}?handler=Close", empty, TestContext.Current.CancellationToken)).StatusCode);
        var page = await Get(browser, "/requester/keys");
        Assert.Equal(404, (int)(await Send(browser, $"/requester/jobs/{job}?handler=Close", page, [])).StatusCode);
        Assert.Equal(404, (int)(await browser.GetAsync($"/requester/jobs/{job}", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal("posted", (await program.Json($"/api/jobs/{job}")).GetProperty("state").GetString());

        using var visitor = Browser(null);
        var answer = await visitor.GetAsync($"/requester/jobs/{job}", TestContext.Current.CancellationToken);
        Assert.Equal(303, (int)answer.StatusCode);
        Assert.StartsWith("/requester/sign-in?back=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_shown_once()
    {
        using var browser = Browser(Guid.NewGuid());
        var page = await Submit(browser, "/requester/keys", await Get(browser, "/requester/keys"), new() { ["name"] = "nightly" }, 200);
        var key = Key().Match(page).Value;
        Assert.NotEmpty(key);
        page = await Get(browser, "/requester/keys");
        Assert.DoesNotContain(key, page, StringComparison.Ordinal);
        Assert.Contains("nightly", page, StringComparison.Ordinal);
    }

    private HttpClient Browser(Guid? requester)
    {
        var cookies = new CookieContainer();
        if (requester is { } id)
        {
            var tokens = new SignInTokens(SignIn.Requester, Path.Combine(Environment.Current.KeyFolder, "requester.pem"), given.Service.Clock);
            cookies.Add(given.Service.Address, new Cookie("requester", tokens.Issue(id, "City Lab", Guid.NewGuid(), given.Service.Clock.GetUtcNow()).Token));
        }

        var browser = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = given.Service.Address };
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        return browser;
    }

    private static async Task<string> Get(HttpClient browser, string address)
    {
        var response = await browser.GetAsync(address, TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{address}: {(int)response.StatusCode} {page}");
        return page;
    }

    private static async Task<string> Submit(HttpClient browser, string address, string page, Dictionary<string, string> fields, int status)
    {
        var response = await Send(browser, address, page, fields);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{address}: {(int)response.StatusCode} {text}");
        return text;
    }

    private static async Task<HttpResponseMessage> Send(HttpClient browser, string address, string page, Dictionary<string, string> fields)
    {
        using var form = new FormUrlEncodedContent(fields.Append(new("__RequestVerificationToken", TokenOf(page))));
        return await browser.PostAsync(address, form, TestContext.Current.CancellationToken);
    }

    private static string TokenOf(string page) => Token().Match(page).Groups[1].Value;

    private static string Plain(string page) => WebUtility.HtmlDecode(Element().Replace(page, ""));

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("/requester/jobs/([0-9a-f-]{36})/upload")]
    private static partial Regex JobOf();

    [GeneratedRegex("mk_[0-9a-f]{64}")]
    private static partial Regex Key();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Element();
}
