using System.Net;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Filters and pages of the list of entries.</summary>
public sealed class LedgerListTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Pages_go_on_where_they_ended_while_entries_are_added()
    {
        var all = new List<long>();
        var newest = LedgerFixture.Numbers(await ledger.Json("/ledger/entries"))[0];
        string? next = $"/ledger/entries?before={newest + 1}";
        for (var pages = 0; next is not null; pages++)
        {
            var page = WebUtility.HtmlDecode(await ledger.Page(next));
            all.AddRange(EntriesOn(page));
            var older = page.IndexOf("\">Older entries", StringComparison.Ordinal);
            next = older < 0 ? null : page[(page.LastIndexOf("href=\"", older, StringComparison.Ordinal) + 6)..].Split('"')[0];
            await ledger.Given.ARequesterWith(10_000);
            Assert.True(pages < 10);
        }

        Assert.Equal(Enumerable.Range(1, (int)newest).Select(n => (long)n).Reverse(), all);
    }

    [Theory]
    [InlineData("kind=payout-settled", "payout-settled")]
    [InlineData("kind=assignment-paid", "assignment-paid")]
    [InlineData("kind=job-funded&of=bird", "job-funded")]
    [InlineData("kind=deposit&of=assets:bank:sandbox", "deposit")]
    [InlineData("of=liabilities:workers:in-transit", "payout-settled", "payout-issued")]
    [InlineData("of=cooperative%20fees", "assignment-paid")]
    [InlineData("of=NAME%20THE%20BIRD", "assignment-paid", "job-funded")]
    public async Task A_filter_shows_all_that_it_names_and_nothing_else(string query, params string[] kinds)
    {
        var entries = (await ledger.Json($"/ledger/entries?{query}"))["entries"]!.AsArray();
        Assert.Equal(kinds.Order(), entries.Select(e => e!["kind"]!.GetValue<string>()).Distinct().Order());
        Assert.Equal(LedgerOrder(entries), LedgerOrder(entries).OrderDescending());
    }

    [Fact]
    public async Task A_job_is_found_by_its_id_and_by_its_escrow_account()
    {
        var byId = LedgerFixture.Numbers(await ledger.Json($"/ledger/entries?of={ledger.Job.JobId}"));
        var byAccount = LedgerFixture.Numbers(await ledger.Json($"/ledger/entries?of=liabilities:job:{ledger.Job.JobId}:escrow"));
        Assert.Equal(33, byId.Count);
        Assert.Equal(byId, byAccount);
    }

    [Fact]
    public async Task On_or_before_a_day_ends_with_that_day()
    {
        Assert.NotEmpty(LedgerFixture.Numbers(await ledger.Json("/ledger/entries?until=2026-03-03")));
        Assert.Empty(LedgerFixture.Numbers(await ledger.Json("/ledger/entries?until=2026-03-02")));
    }

    [Theory]
    [InlineData("kind=gift", "kind")]
    [InlineData("until=yesterday", "until")]
    [InlineData("before=-5", "before")]
    [InlineData("of=%00", "of")]
    public async Task Odd_input_is_named_at_its_field_with_what_would_do(string query, string field)
    {
        var answer = await ledger.Get($"/ledger/entries?{query}", "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonNode.Parse(await LedgerFixture.Text(answer))!;
        Assert.NotEmpty(problem["errors"]![field]!.AsArray());

        var page = await ledger.Get($"/ledger/entries?{query}", "text/html");
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);
        Assert.Contains("to correct", await LedgerFixture.Text(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("of=No+such+thing", "No job and no account has this name.")]
    [InlineData("of=%25%27%3B--", "No job and no account has this name.")]
    [InlineData("kind=payout-failed", "No payout failed.")]
    public async Task What_matches_nothing_is_said_and_leads_on(string query, string words)
    {
        var page = WebUtility.HtmlDecode(await ledger.Page($"/ledger/entries?{query}"));
        Assert.Contains("No entry matches", page, StringComparison.Ordinal);
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains("Show all entries", page, StringComparison.Ordinal);
    }

    private static IEnumerable<long> LedgerOrder(JsonArray entries) => entries.Select(e => e!["number"]!.GetValue<long>());

    private static IEnumerable<long> EntriesOn(string page) =>
        page.Split("<details class=\"entry\" id=\"e")[1..].Select(part => long.Parse(part.Split('"')[0], System.Globalization.CultureInfo.InvariantCulture));
}
