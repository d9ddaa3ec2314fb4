using System.Globalization;
using CsvHelper;

namespace Marketplace.UnitTests.PayRule;

/// <summary>The worked numbers that the pay rule must give: one file a subject, one row a case, named by its first column.</summary>
internal static class CaseFile
{
    internal static IEnumerable<TheoryDataRow<string>> Names(string file) =>
        Read(file).Select(row => new TheoryDataRow<string>(row.Text("case")) { TestDisplayName = $"{file}: {row.Text("case")}" });

    internal static CaseRow Row(string file, string name) => Read(file).Single(row => row.Text("case") == name);

    private static List<CaseRow> Read(string file)
    {
        using var csv = CsvReader.FromFile(Repository.PathOf("tests", "unit", "PayRule", "cases", file));
        var rows = new List<CaseRow>();
        while (csv.Read())
            rows.Add(new CaseRow(csv.Headers.Select((column, at) => (column, Text: csv[at].ToString())).ToDictionary(c => c.column, c => c.Text)));
        return rows;
    }
}

/// <summary>One case, by column.</summary>
internal sealed class CaseRow(Dictionary<string, string> columns)
{
    internal string Text(string column) => columns[column];

    internal bool Has(string column) => columns[column].Length > 0;

    internal long Number(string column) => long.Parse(columns[column], CultureInfo.InvariantCulture);

    internal Money Money(string column) => new(Number(column));

    internal Duration Time(string column) => new(Number(column));

    internal Duration? TimeOrNone(string column) => Has(column) ? Time(column) : null;
}
