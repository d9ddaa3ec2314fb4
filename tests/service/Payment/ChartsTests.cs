using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Payment;

/// <summary>The public charts, from four people to six: what is of fewer than five is not shown, not in a picture and not in its table.</summary>
public sealed partial class ChartsTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task Charts_come_with_the_fifth_person_and_the_table_adds_up()
    {
        var job = await given.AFundedJob(10_000_000);
        Guid[] people = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];
        await Submit(job, people[..4], activeMs: 20_000);
        await Counted(4);
        var before = await Ledger();
        Assert.DoesNotContain("<svg class=\"columns\"", before, StringComparison.Ordinal);
        Assert.DoesNotContain("<svg class=\"stack\"", before, StringComparison.Ordinal);

        // Five lifted to the floor; one of them, and one more, is paid far more an hour: two people, who are not shown alone.
        await Submit(job, people[4..5], activeMs: 20_000);
        await Submit(job, people[4..6], activeMs: 5_000);
        await Counted(7);
        var page = "";
        await Wait.Eventually(async () => (page = await Ledger()).Contains("aria-labelledby=\"ot\"", StringComparison.Ordinal), "the charts are read anew");

        Assert.Equal(2, Columns().Count(page));
        Assert.Contains("shown as one with their neighbours", page, StringComparison.Ordinal);
        var table = page[page.IndexOf("EUR per hour", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("</table>", StringComparison.Ordinal)];
        var row = Assert.Single(Rows().Matches(table));
        Assert.Equal("7", row.Groups[1].Value);
        Assert.Contains("83.3 %", page, StringComparison.Ordinal);
        Assert.DoesNotContain(people[0].ToString(), page, StringComparison.Ordinal);
    }

    private async Task Submit(JobPosted job, Guid[] people, long activeMs)
    {
        TaskCompleted[] ends = [.. people.Select(person => PaymentFixture.AnEnd(job, person, activeMs))];
        await given.Broker.Publish(ends);
        foreach (var end in ends)
            await given.Paid(end);
    }

    private Task Counted(long assignments) => Wait.Eventually(async () =>
    {
        await using var command = given.Service.Database.CreateCommand("select coalesce(sum(assignments), 0)::bigint from pay_period where unit = 'day'");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))! == assignments;
    });

    private async Task<string> Ledger()
    {
        using var browser = new HttpClient { BaseAddress = given.Service.Address, DefaultRequestHeaders = { { "Accept", "text/html" } } };
        return System.Net.WebUtility.HtmlDecode(await browser.GetStringAsync("/ledger", TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("<svg class=\"columns\"")]
    private static partial Regex Columns();

    [GeneratedRegex("<tr><th scope=\"row\">[^<]*</th><td class=\"num\">([^<]*)</td>")]
    private static partial Regex Rows();
}
