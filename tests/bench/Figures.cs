using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Marketplace.Bench;

/// <summary>One figure of a run, in the sense that more is worse: time, CPU, memory, bytes.</summary>
/// <param name="Row">The row.</param>
/// <param name="Case">Which case of it.</param>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="Value">How much of it.</param>
/// <param name="ByBaseline">The same ÷ that of the row's baseline in the same minutes; null where it has none.</param>
internal sealed record Figure(string Row, string Case, string Name, double Value, double? ByBaseline)
{
    /// <summary>What is the same figure in another run, whose ledger has some entries more and whose rate was another.</summary>
    internal string Key => $"{Row} | {Figures.WithoutSmallDifferences(Case)} | {Name}";
}

/// <summary>
/// Reads the figures of a report, also of one that an older version wrote: from the rounds where a line has them, else from the line's
/// words.
/// </summary>
internal static partial class Figures
{
    private const string Operation = "ms an operation";
    private const string RateInWords = "ms of one, by ";

    internal static IReadOnlyList<Figure> Of(JsonElement report)
    {
        var all = report.GetProperty("lines").EnumerateArray().SelectMany(OfLine).DistinctBy(figure => figure.Key).ToArray();
        var timed = all.Where(f => f.Name.StartsWith(Operation, StringComparison.Ordinal)).Select(f => (f.Row, f.Case)).ToHashSet();

        // A line that only sets the rate beside another goal says the same once more.
        return [.. all.Where(f => !f.Name.StartsWith(RateInWords, StringComparison.Ordinal) || !timed.Contains((f.Row, f.Case)))];
    }

    /// <summary>Cores that other programs used while the rounds ran, on average; NaN where no line says.</summary>
    internal static double OtherCores(JsonElement report) =>
        report.GetProperty("lines").EnumerateArray()
            .SelectMany(line => line.TryGetProperty("otherCores", out var cores) ? cores.EnumerateArray().ToArray() : [])
            .Select(cores => cores.GetDouble())
            .DefaultIfEmpty(double.NaN).Average();

    /// <summary>In the name of a case: of rates and sizes no number, of all others the first digit.</summary>
    internal static string WithoutSmallDifferences(string @case) => Number().Replace(RateOrSize().Replace(@case, "#"), found =>
    {
        var value = Read(found.Value);
        var size = value == 0 ? 1 : Math.Pow(10, Math.Floor(Math.Log10(value)));
        return (Math.Round(value / size) * size).ToString("0.######", CultureInfo.InvariantCulture);
    });

    private static IEnumerable<Figure> OfLine(JsonElement line)
    {
        string Text(string name) => line.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
        var (row, @case) = (Text("row"), Text("case"));
        var hasRounds = line.TryGetProperty("rounds", out var rounds) && rounds.ValueKind == JsonValueKind.Object;
        var measured = hasRounds ? OfRounds(rounds, Text("baseline")) : OfWords(Text("figure"));
        return measured.Concat(OfMemory(Text("note"))).Concat(OfCpu(Text("note")))
            .Select(f => new Figure(row, @case, f.Name, f.Value, f.ByBaseline));
    }

    private static IEnumerable<(string Name, double Value, double? ByBaseline)> OfRounds(JsonElement rounds, string baseline)
    {
        var ours = Read(rounds, "ours");
        var theirs = Read(rounds, "baseline");
        var name = baseline.Split(':')[0];
        var against = name.Length > 0 ? $" (beside {name})" : "";
        return
        [
            .. One($"{Operation}{against}", ours, theirs, round => round.Seconds * 1000 / round.Operations),
            .. One($"p95 ms{against}", ours, theirs, round => round.P95Ms),
        ];
    }

    private static IEnumerable<(string Name, double Value, double? ByBaseline)> One(
        string name, IReadOnlyList<Round> ours, IReadOnlyList<Round> theirs, Func<Round, double> of)
    {
        // Where one operation is not timed by itself there is no p95.
        if (ours.Count == 0 || ours.Any(round => double.IsNaN(of(round)) || of(round) <= 0))
            yield break;
        var ratios = ours.Zip(theirs, (own, their) => of(own) / of(their)).Where(double.IsFinite).ToArray();
        yield return (name, Compared.Median(ours.Select(of)), ratios.Length > 0 ? Compared.Median(ratios) : null);
    }

    /// <summary>Every number of a figure's words that has a unit; of a rate, the time of one.</summary>
    private static IEnumerable<(string Name, double Value, double? ByBaseline)> OfWords(string figure)
    {
        var name = Number().Replace(figure, "#");
        return Measured().Matches(figure)
            .Select((found, n) => (
                Name: n == 0 ? name : $"{name} ({n + 1})",
                Value: Read(found.Groups["number"].Value),
                IsRate: found.Groups["rate"].Success))
            .Where(f => f.Value > 0)
            .Select(f => (f.IsRate ? RateInWords + f.Name : f.Name, f.IsRate ? 1000 / f.Value : f.Value, (double?)null));
    }

    /// <summary>What a note says that a program held at most.</summary>
    private static IEnumerable<(string Name, double Value, double? ByBaseline)> OfMemory(string note) =>
        Memory().Matches(note).Select(found => (
            $"at most MB, {found.Groups["who"].Value}",
            Read(found.Groups["number"].Value),
            (double?)null));

    /// <summary>What a note says that all programs used, the client too: it may be the auditor.</summary>
    private static IEnumerable<(string Name, double Value, double? ByBaseline)> OfCpu(string note)
    {
        var found = Cpu().Match(note);
        var all = found.Groups["each"].Captures.Sum(each => Read(each.Value));
        if (all > 0)
            yield return ($"CPU {found.Groups["unit"].Value}, all programs", all, null);
    }

    private static double Read(string number) =>
        double.Parse(number, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static List<Round> Read(JsonElement rounds, string side)
    {
        if (!rounds.TryGetProperty(side, out var all))
            return [];
        return [.. (all.ValueKind == JsonValueKind.Array ? all.EnumerateArray().ToArray() : [all]).Select(Round.Of)];
    }

    /// <summary>One round as a report has it.</summary>
    private sealed record Round(double Operations, double Seconds, double P95Ms)
    {
        internal static Round Of(JsonElement round) => new(
            round.GetProperty("operations").GetDouble(),
            round.GetProperty("seconds").GetDouble(),
            round.GetProperty("p95Ms") is { ValueKind: JsonValueKind.Number } p95 ? p95.GetDouble() : double.NaN);
    }

    [GeneratedRegex(@"(?<![a-z\d])\d[\d,]*(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\d[\d,.]*(?= MB| \w+/s|/s)")]
    private static partial Regex RateOrSize();

    [GeneratedRegex(@"(?<number>\d[\d,]*(\.\d+)?) ((?<rate>\w+/s)|ms|s|MB|KB)(?!\w)")]
    private static partial Regex Measured();

    [GeneratedRegex(@"(?<number>\d[\d,]*) MB (?<who>payment|gateway|requester|worker)")]
    private static partial Regex Memory();

    [GeneratedRegex(@"CPU (?<unit>ms|s): ([a-z]+ (?<each>\d[\d,]*(\.\d+)?)(, )?)+")]
    private static partial Regex Cpu();
}
