using System.Buffers;
using System.Text;
using Marketplace.Payment.Exports;

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
    public void The_journal_declares_what_it_uses_starts_from_what_was_before_and_asserts_what_it_sums_to()
    {
        Assert.Contains(
            """
            commodity 1000.000000 EUR

            account assets:bank:sandbox
            account income:fees

            2026-11-01 Balances before entry 5
                assets:bank:sandbox  2.000000 EUR = 2.000000 EUR


            """.ReplaceLineEndings("\n"),
            Written(o => JournalText.WriteHead(o, November)),
            StringComparison.Ordinal);
        Assert.Equal(
            "2026-11-19 Balances after entry 7\n    assets:bank:sandbox  0.000000 EUR = 0.500000 EUR\n    income:fees  0.000000 EUR = -0.000001 EUR\n\n",
            Written(o => JournalText.WriteBalances(o, November, new DateOnly(2026, 11, 19))));
    }

    [Fact]
    public void Beancount_has_capitals_a_link_an_entry_and_balances_of_the_days_between()
    {
        var head = Written(o => BeancountText.WriteHead(o, November));
        Assert.Contains("\n2026-10-31 open Income:Fees EUR\n", head, StringComparison.Ordinal);
        Assert.Contains("\n2026-10-31 * \"Balances before entry 5\" ^before-5\n  Assets:Bank:Sandbox  2.000000 EUR\n\n", head, StringComparison.Ordinal);
        Assert.Contains(
            """
            2026-11-19 * "Name \"the\" bird" "Assignment paid" ^entry-431498
            """,
            Written(o => BeancountText.Write(o, PublicEntries.Assignment("Name \"the\" bird"), new DateOnly(2026, 11, 19))),
            StringComparison.Ordinal);
        Assert.Contains("\n2026-11-20 balance Income:Fees  -0.000001 ~ 0.000000 EUR\n", Written(o => BeancountText.WriteBalances(o, November, new DateOnly(2026, 11, 19))), StringComparison.Ordinal);
    }

    [Fact]
    public void Months_go_back_to_the_first_and_start_where_the_zone_says() => Assert.Multiple(
        () => Assert.Equal(["2026-02", "2026-01", "2025-12"], Month.Between(new(2025, 12, 31), new(2026, 2, 1)).Select(m => m.Text)),
        () => Assert.False(Month.TryParse("2026-1", out _)),
        () => Assert.Equal(new DateTimeOffset(2026, 10, 31, 23, 0, 0, TimeSpan.Zero), Month.Start(new(2026, 11, 1), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))));

    [Fact]
    public void The_table_in_the_folders_readme_is_the_dictionary()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "services/payment/Exports/README.md"));
        Assert.All(CsvColumn.All, c => Assert.Contains($"| `{c.Name}` | {c.Unit} | {c.Meaning} | `{c.Json}` |\n", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void The_csvs_last_row_has_as_many_cells_and_is_empty_but_for_count_and_hash()
    {
        var row = Written(o => CsvText.Format.WriteSeal(o, 7, "ab")).TrimEnd().Split(',');
        Assert.Equal((Columns, "end", "7", "ab"), (row.Length, row[2], row[^2], row[^1]));
        Assert.Equal(3, row.Count(cell => cell.Length > 0));
    }

    [Fact]
    public void Csv_has_a_row_for_each_posting_and_what_the_pay_came_from_once()
    {
        var rows = Rows("Name the bird");
        const string Entry = "431498,2026-11-19T10:00:00.000Z,assignment-paid,01980000-0000-7000-8000-000000000001,Name the bird,";
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row => Assert.StartsWith(Entry, row, StringComparison.Ordinal));
        Assert.EndsWith(
            ",0.206000,EUR,,submitted,1,0.125000,41200,0,300000,false,150000,12000,41200,15.000000,3,0.171667,0.046667,0.171667,0.030900,0.003433,,,",
            rows[0],
            StringComparison.Ordinal);
        Assert.EndsWith($",2,liabilities:workers:payable,-0.171667,EUR,{new string('c', 64)},,,,,,,,,,,,,,,,,,,,", rows[1], StringComparison.Ordinal);
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

    private static readonly ExportedPart November = new()
    {
        Installation = "Marketplace",
        Currency = "EUR",
        Month = new(new DateOnly(2026, 11, 1)),
        FirstNumber = 5,
        LastNumber = 7,
        Since = new DateOnly(2026, 3, 3),
        Accounts = [new("assets:bank:sandbox", 2_000_000, 500_000), new("income:fees", 0, -1)],
    };

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
