using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Worker;

/// <summary>The work page as it comes from the server, before its script takes over.</summary>
public sealed class WorkPageTests(WorkerFixture given) : IClassFixture<WorkerFixture>
{
    [Fact]
    public async Task Instructions_lie_open_until_the_first_answer_and_can_be_opened_again_later()
    {
        var job = await given.AFundedJob(words: 100);
        var worker = Guid.NewGuid();
        var first = WorkerFixture.IdOf(await given.Claimed(worker, job));
        var page = await Page(worker, first);
        Assert.Matches("<details [^>]*id=\"read\" open[^>]*><summary>Read this first</summary>", page);
        Assert.Contains("Reading is on the clock", page, StringComparison.Ordinal);

        given.After(5);
        var next = WorkerFixture.IdOf((await (await given.Submit(worker, first, stop: false)).Json()).GetProperty("next"));
        page = await Page(worker, next);
        Assert.Matches("<details [^>]*id=\"read\"><summary>Instructions</summary>", page);
        Assert.Contains("<p>Look at the beak first.</p>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Reading is on the clock", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_keeps_the_instructions_is_not_sent_them_with_each_next_task()
    {
        var job = await given.AFundedJob(words: 100);
        var worker = Guid.NewGuid();
        var first = WorkerFixture.IdOf(await given.Claimed(worker, job));
        Assert.Contains("<p>Look at the beak first.</p>", await Page(worker, $"/assignments/{first}", "HX-Request", "X-Has-Instructions"), StringComparison.Ordinal);

        given.After(5);
        var next = WorkerFixture.IdOf((await (await given.Submit(worker, first, stop: false)).Json()).GetProperty("next"));
        Assert.Contains("<p>Look at the beak first.</p>", await Page(worker, $"/assignments/{next}", "HX-Request"), StringComparison.Ordinal);
        Assert.Contains("<p>Look at the beak first.</p>", await Page(worker, $"/assignments/{next}", "X-Has-Instructions"), StringComparison.Ordinal);
        var kept = await Page(worker, $"/assignments/{next}", "HX-Request", "X-Has-Instructions");
        Assert.Contains("<details id=\"read\" data-kept></details>", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("Look at the beak", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_not_what_to_look_at_stands_under_it_with_its_name()
    {
        var job = WorkerFixture.AJob(tasks: 1);
        await given.Broker.Publish(job);
        await given.Broker.Publish(WorkerFixture.Tasks(job) with
        {
            Inputs = [JsonSerializer.SerializeToElement(new { id = "17", song = "tune 1", note = "", place = "a <hedge>" })],
        });
        await given.Broker.Publish(WorkerFixture.Funding(job, 1));
        await given.Opened(job, 1);
        var worker = Guid.NewGuid();

        var page = await Page(worker, WorkerFixture.IdOf(await given.Claimed(worker, job)));

        var facts = Regex.Matches(page, "<dt>(.*?)</dt><dd>(.*?)</dd>").Select(m => (m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value)));
        Assert.Equal([("id", "17"), ("place", "a <hedge>")], facts);
        Assert.Contains("tune 1</blockquote>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_balance_the_page_says_from_when_on_one_can_cash_out()
    {
        var page = await Page(Guid.NewGuid(), "/earnings");
        Assert.Contains("From 0.01 EUR on you can cash it out here", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    private Task<string> Page(Guid worker, Guid assignment) => Page(worker, $"/assignments/{assignment}");

    /// <summary>As a browser gets it: the token is its cookie.</summary>
    private async Task<string> Page(Guid worker, string address, params string[] headers)
    {
        using var client = given.Service.Anybody();
        client.DefaultRequestHeaders.Accept.Clear();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        client.DefaultRequestHeaders.Add("Cookie", $"worker={given.Service.Token("worker", worker)}");
        foreach (var header in headers)
            client.DefaultRequestHeaders.Add(header, "true");
        return await client.GetStringAsync(address, TestContext.Current.CancellationToken);
    }
}
