using System.Buffers;
using System.Text;
using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Ledger;

public sealed class LedgerTextTests
{
    [Fact]
    public void The_journal_has_the_day_the_number_and_every_amount_with_six_decimals() =>
        Assert.Equal(
            """
            2026-11-19 (431498) Assignment paid | Name the bird  ; key:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, credited_ms:41200, end:submitted, policy:3
                liabilities:job:01980000-0000-7000-8000-000000000001:escrow  0.206000 EUR
                liabilities:workers:payable  -0.171667 EUR  ; commitment:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
                income:fees  -0.030900 EUR
                liabilities:commons  -0.003433 EUR


            """.ReplaceLineEndings("\n"),
            Written(o => JournalText.Write(o, PublicEntries.Assignment(), new DateOnly(2026, 11, 19))));

    [Theory]
    [InlineData("a;date:2020-01-01", "a,date:2020-01-01")]
    [InlineData("two\nlines\u2028more", "two lines more")]
    [InlineData("payee | note", "payee / note")]
    public void A_title_cannot_write_journal_of_its_own(string title, string shown) =>
        Assert.Contains($"| {shown}  ;", Written(o => JournalText.Write(o, PublicEntries.Assignment(title), default)), StringComparison.Ordinal);

    [Fact]
    public void The_journal_declares_what_it_uses_and_asserts_what_it_sums_to()
    {
        var head = Written(o => JournalText.WriteHead(o, "Ledger", "EUR", ["assets:bank:sandbox"]));
        Assert.Equal("; Ledger\n\ncommodity 1000.000000 EUR\n\naccount assets:bank:sandbox\n\n", head);
        var end = Written(o => JournalText.WriteBalances(o, new DateOnly(2026, 1, 2), 7, "EUR", [("assets:bank:sandbox", -1)]));
        Assert.Equal("2026-01-02 Balances after entry 7\n    assets:bank:sandbox  0.000000 EUR = -0.000001 EUR\n", end);
    }

    [Fact]
    public void Csv_has_a_row_for_each_posting_and_what_the_pay_came_from_once()
    {
        var rows = Rows("Name the bird");
        const string Entry = "431498,2026-11-19T10:00:00.000Z,assignment-paid,01980000-0000-7000-8000-000000000001,Name the bird,";
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row => Assert.StartsWith(Entry, row, StringComparison.Ordinal));
        Assert.EndsWith(
            ",0.206000,EUR,,submitted,1,0.125000,41200,0,300000,false,150000,12000,41200,15.000000,3,0.171667,0.046667,0.171667,0.030900,0.003433",
            rows[0],
            StringComparison.Ordinal);
        Assert.EndsWith($",2,liabilities:workers:payable,-0.171667,EUR,{new string('c', 64)},,,,,,,,,,,,,,,,,", rows[1], StringComparison.Ordinal);
        Assert.Single(rows.Select(row => row.Count(c => c == ',')).Append(Columns - 1).Distinct());
    }

    [Fact]
    public void A_title_with_commas_quotes_and_lines_is_one_cell() =>
        Assert.Contains(",\"a, \"\"b\"\"\r\nc\",", Written(o => CsvText.Write(o, PublicEntries.Assignment("a, \"b\"\r\nc"))), StringComparison.Ordinal);

    [Fact]
    public void A_title_is_no_formula_in_a_spreadsheet() => Assert.Contains(",'=1+1,", Rows("=1+1")[0], StringComparison.Ordinal);

    [Fact]
    public void An_entry_without_postings_is_one_row_of_as_many_cells()
    {
        var row = Written(o => CsvText.Write(o, PublicEntries.Policy())).TrimEnd();
        Assert.Equal(Columns, row.Split(',').Length);
    }

    [Theory]
    [InlineData(0, "0.000000")]
    [InlineData(-1, "-0.000001")]
    [InlineData(1_234_567_890, "1234.567890")]
    [InlineData(long.MinValue, "-9223372036854.775808")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void Money_is_written_to_the_millionth(long micros, string text) => Assert.Equal(text, Written(o => o.AddMoney(micros)));

    private static int Columns => Encoding.UTF8.GetString(CsvText.Header).TrimEnd().Split(',').Length;

    private static string[] Rows(string title) =>
        Written(o => CsvText.Write(o, PublicEntries.Assignment(title))).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
