using System.Globalization;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Downloads of the whole ledger: complete, level, and sealed, and accepted by the tools that accountants use.</summary>
public sealed class LedgerExportTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Both_accounting_tools_accept_the_ledger_and_come_to_its_balances()
    {
        AccountingTools.MustBeInstalled();
        var (journal, beancount) = (await ledger.Page("/ledger/export.journal"), await ledger.Page("/ledger/export.beancount"));
        Assert.Equal("", await AccountingTools.HledgerSays(journal));
        Assert.Equal("", await AccountingTools.BeancountSays(beancount));
        var balances = await AccountingTools.LedgerBalances(ledger.Given.Service.Database);
        Assert.Equal(balances, await AccountingTools.HledgerBalances(journal));
        Assert.Equal(balances, await AccountingTools.BeancountBalances(beancount));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("journal")]
    [InlineData("beancount")]
    public async Task The_last_line_counts_the_rows_and_is_the_hash_of_all_before(string format)
    {
        var answer = await ledger.Get($"/ledger/export.{format}", "*/*");
        var text = SealedText.Checked(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var rows = format switch
        {
            "csv" => text.Split("\r\n").Length - 3,
            "jsonl" => text.Split('\n').Length - 2,
            "journal" => text.Split('\n').Count(l => l.Length > 11 && char.IsDigit(l[0]) && l[11] == '('),
            _ => text.Split(" ^entry-").Length - 1,
        };
        Assert.Equal(rows, SealedText.Rows(text));
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("november")]
    [InlineData("2999-01")]
    public async Task There_is_no_such_month(string month)
    {
        var answer = await ledger.Get($"/ledger/export.csv?month={month}", "application/json");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("A month is written as 2026-03", await LedgerFixture.Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dictionary_names_every_column_and_every_field()
    {
        var page = await ledger.Page("/ledger/dictionary");
        foreach (var column in (await ledger.Page("/ledger/export.csv")).Split("\r\n")[0].Split(','))
            Assert.Contains($">{column}</th>", page, StringComparison.Ordinal);

        var line = JsonNode.Parse((await ledger.Page("/ledger/export.jsonl")).Split('\n').First(l => l.Contains("\"pay\":{", StringComparison.Ordinal)))!.AsObject();
        var fields = line.Select(f => f.Key)
            .Concat(line["pay"]!.AsObject().Select(f => $"pay.{f.Key}"))
            .Concat(line["postings"]!.AsArray().SelectMany(p => p!.AsObject()).Select(f => $"postings.{f.Key}").Distinct());
        foreach (var field in fields.Where(f => f != "pay"))
            Assert.Contains($">{field}</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_lines_are_all_entries_in_order_each_as_its_own_address_gives_it()
    {
        var lines = (await ledger.Page("/ledger/export.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[..^1];
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(n => (long)n), lines.Select(l => JsonNode.Parse(l)!["number"]!.GetValue<long>()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(lines[^1]), await ledger.Json($"/ledger/entries/{lines.Length}")));
    }

    [Fact]
    public async Task The_rows_of_the_csv_sum_to_zero()
    {
        var rows = (await ledger.Page("/ledger/export.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var column = Array.IndexOf(rows[0].Split(','), "amount");
        var amounts = rows[1..].Select(r => r.Split(',')[column]).Where(a => a.Length > 0).Select(a => decimal.Parse(a, CultureInfo.InvariantCulture)).ToList();
        Assert.True(amounts.Count > 100);
        Assert.Equal(0, amounts.Sum());
    }

    [Fact]
    public async Task A_download_says_its_name_and_kind()
    {
        var answer = await ledger.Get("/ledger/export.csv", "text/html");
        Assert.StartsWith("text/csv", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(".csv", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
    }
}
