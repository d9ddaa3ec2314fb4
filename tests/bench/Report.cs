using System.Text;
using System.Text.Json;

namespace Marketplace.Bench;

/// <summary>One line of the table.</summary>
internal sealed record Line
{
    /// <summary>The row it belongs to, and which case of it.</summary>
    public required string Row { get; init; }
    public required string Case { get; init; }

    /// <summary>What was measured, with its unit.</summary>
    public required string Figure { get; init; }
    public string Baseline { get; init; } = "";

    /// <summary>Ours to the baseline; null where the goal is absolute.</summary>
    public double? Ratio { get; init; }
    public string Goal { get; init; } = "";

    /// <summary>Whether the goal is met; null where there is none.</summary>
    public bool? Met { get; init; }
    public string Note { get; init; } = "";

    /// <summary>Cores that other programs used, round by round; the more, the less an absolute figure says.</summary>
    public IReadOnlyList<double> OtherCores { get; init; } = [];

    /// <summary>Each round as it was.</summary>
    public object? Rounds { get; init; }
}

/// <summary>The lines found so far, as a table to read and as JSON.</summary>
internal sealed class Report(bool quick)
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<Line> _lines = [];
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly double _loadAtStart = Machine.Load();

    internal void Add(Line line)
    {
        _lines.Add(line);
        Console.WriteLine(ToRow(line));
    }

    /// <summary>A line about the rates of both sides.</summary>
    internal void AddRate(string row, string @case, string unit, string baseline, Compared compared, double? atLeast = null, string note = "") => Add(new Line
    {
        Row = row,
        Case = @case,
        Figure = $"{compared.Own.PerSecond:#,0} {unit}" + P95(compared.Own),
        Baseline = $"{baseline}: {compared.Theirs.PerSecond:#,0}/s" + P95(compared.Theirs),
        Ratio = compared.Ratio(s => s.PerSecond),
        Goal = atLeast is { } least ? $"≥ {least}" : "",
        Met = atLeast is { } goal ? compared.Ratio(s => s.PerSecond) >= goal : null,
        Note = note,
        OtherCores = [.. compared.Ours.Select(s => Math.Round(s.Use.OtherCores, 2))],
        Rounds = new { ours = compared.Ours, baseline = compared.Baseline },
    });

    internal string ToMarkdown()
    {
        var table = new StringBuilder();
        table.AppendLine(System.Globalization.CultureInfo.InvariantCulture,
            $"{_began:yyyy-MM-dd HH:mm} UTC, {Machine.Cores} cores, load {_loadAtStart} at the start{(quick ? ", quick sizes" : "")}.").AppendLine();
        table.AppendLine("| row | case | figure | baseline | ratio | goal | | other cores | |").AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var line in _lines)
            table.AppendLine(ToRow(line));
        return table.ToString();
    }

    internal async Task Write(string folder, IReadOnlyList<string> broken)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "bench.md"), ToMarkdown());
        await File.WriteAllTextAsync(Path.Combine(folder, "bench.json"), JsonSerializer.Serialize(
            new { began = _began, cores = Machine.Cores, loadAtStart = _loadAtStart, quick, broken, lines = _lines }, Readable));
    }

    private static string P95(Sample sample) => double.IsNaN(sample.P95Ms) ? "" : $", p95 {sample.P95Ms:0.0} ms";

    private static string ToRow(Line line) => string.Join(" | ", [
        $"| {line.Row}", line.Case, line.Figure, line.Baseline,
        line.Ratio is { } ratio ? $"{ratio:0.00}" : "",
        line.Goal, line.Met switch { true => "met", false => "short", null => "" },
        string.Join(' ', line.OtherCores.Select(o => $"{o:0.0}")), $"{line.Note} |"]);
}
