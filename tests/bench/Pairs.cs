using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Marketplace.Bench;

/// <summary>One figure over all pairs of runs.</summary>
/// <param name="Row">The row.</param>
/// <param name="Case">Which case of it.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Ratios">New ÷ old, pair by pair; over 1 is worse.</param>
/// <param name="ByBaseline">The median of the same, each divided by its baseline first; null where there is none.</param>
internal sealed record FigureOfPairs(string Row, string Case, string Name, IReadOnlyList<double> Ratios, double? ByBaseline)
{
    internal double Median => Compared.Median(Ratios);

    internal bool IsOver => Median > Pairs.Most;
}

/// <summary>
/// Pairs of runs, this checkout and another commit, each measured by its own bench: how much slower, dearer or larger the new one is. The
/// pair is what can be compared: both saw the same machine within minutes.
/// </summary>
internal static class Pairs
{
    /// <summary>The most that a median may be before it counts as worse.</summary>
    internal const double Most = 1.05;

    /// <summary>Prints what the reports <c>1-new.json</c>, <c>1-old.json</c> and so on say together.</summary>
    /// <returns>The exit code: 1 where a median is over the most, or nothing could be compared.</returns>
    internal static async Task<int> Print(string folder)
    {
        var pairs = new List<(JsonElement New, JsonElement Old)>();
        for (var n = 1; File.Exists(Path.Combine(folder, $"{n}-old.json")); n++)
            pairs.Add((await Read(Path.Combine(folder, $"{n}-new.json")), await Read(Path.Combine(folder, $"{n}-old.json"))));

        var (found, alone) = Compare([.. pairs.Select(pair => (Figures.Of(pair.New), Figures.Of(pair.Old)))]);
        Console.WriteLine(ToMarkdown(found));
        Console.WriteLine($"Cores that other programs used meanwhile, pair by pair, new and old: {string.Join(", ", pairs.Select(pair =>
            $"{Text(Figures.OtherCores(pair.New))} and {Text(Figures.OtherCores(pair.Old))}"))}.");
        foreach (var figure in alone)
            Console.WriteLine($"Not in every report, so not compared: {figure}");
        var over = found.Where(f => f.IsOver).ToArray();
        Console.WriteLine(ToLastLine(found.Count, over));
        return found.Count == 0 || over.Length > 0 ? 1 : 0;
    }

    /// <returns>The figures that every report has, and the names of those that only some have.</returns>
    internal static (IReadOnlyList<FigureOfPairs> Found, IReadOnlyList<string> Alone) Compare(
        IReadOnlyList<(IReadOnlyList<Figure> New, IReadOnlyList<Figure> Old)> pairs)
    {
        var reports = pairs.SelectMany(pair => new[] { pair.New, pair.Old }).Select(figures => figures.ToDictionary(f => f.Key)).ToArray();
        var keys = reports.SelectMany(report => report.Keys).Distinct().ToArray();
        var found = keys.Where(key => reports.All(report => report.ContainsKey(key))).Select(key =>
        {
            var both = Enumerable.Range(0, pairs.Count).Select(n => (New: reports[2 * n][key], Old: reports[(2 * n) + 1][key])).ToArray();
            var byBaseline = both.Where(b => b is { New.ByBaseline: not null, Old.ByBaseline: > 0 })
                .Select(b => b.New.ByBaseline!.Value / b.Old.ByBaseline!.Value).ToArray();
            return new FigureOfPairs(
                both[0].New.Row, both[0].New.Case, both[0].New.Name,
                [.. both.Select(b => b.New.Value / b.Old.Value)],
                byBaseline.Length > 0 ? Compared.Median(byBaseline) : null);
        });
        return ([.. found], [.. keys.Where(key => !reports.All(report => report.ContainsKey(key)))]);
    }

    internal static string ToLastLine(int all, IReadOnlyList<FigureOfPairs> over) =>
        all == 0 ? "Nothing could be compared: no figure is in every report."
        : over.Count == 0 ? $"No median of {all} figures is over {Text(Most)}."
        : $"{over.Count} of {all} medians are over {Text(Most)}: {string.Join("; ", over.Select(ToText))}.";

    private static async Task<JsonElement> Read(string file) => JsonElement.Parse(await File.ReadAllBytesAsync(file));

    private static string ToMarkdown(IReadOnlyList<FigureOfPairs> found)
    {
        var table = new StringBuilder();
        table.AppendLine("New ÷ old, pair by pair; over 1 is worse. By the baseline: the median of the same, each side divided by its baseline");
        table.AppendLine("of the same minutes.").AppendLine();
        table.AppendLine("| row | case | figure | ratios | median | | by the baseline |");
        table.AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var f in found)
        {
            string[] cells =
            [
                f.Row, f.Case, f.Name, string.Join(' ', f.Ratios.Select(Text)), Text(f.Median), f.IsOver ? "over" : "",
                f.ByBaseline is { } by ? Text(by) : "",
            ];
            table.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells)} |");
        }

        return table.ToString();
    }

    private static string ToText(FigureOfPairs figure) =>
        $"{figure.Row}, {figure.Case}, {figure.Name}: {Text(figure.Median)}"
        + (figure.ByBaseline is { } by ? $" ({Text(by)} by the baseline)" : "");

    private static string Text(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);
}
