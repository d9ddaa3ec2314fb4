namespace Marketplace.Bench;

/// <summary>What one stretch gave.</summary>
/// <param name="Operations">How many were done.</param>
/// <param name="Seconds">In what time.</param>
/// <param name="P95Ms">The time that 95 of 100 operations kept within; NaN where single ones are not timed.</param>
internal sealed record Sample(double Operations, double Seconds, double P95Ms = double.NaN)
{
    internal double PerSecond => Operations / Seconds;

    internal MachineUse Use { get; init; } = new(0, new Dictionary<string, double>(), 0, 0);

    /// <summary>Milliseconds of CPU for one operation, of all processes but the client.</summary>
    internal double ServerCpuMs => Use.ServerCpu * 1000 / Operations;

    /// <summary>The same by process, the client's too.</summary>
    internal string CpuByProcess => string.Join(", ", Use.Cpu.Where(c => c.Value * 1000 / Operations >= 0.005)
        .OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value * 1000 / Operations:0.00}"));
}

/// <summary>Rounds of ours and of the baseline, taken in turn.</summary>
internal sealed record Compared(IReadOnlyList<Sample> Ours, IReadOnlyList<Sample> Baseline)
{
    internal Sample Own => Middle(Ours);

    internal Sample Theirs => Middle(Baseline);

    /// <summary>Ours ÷ baseline, round by round, and of these the median.</summary>
    internal double Ratio(Func<Sample, double> of) => Median(Ours.Zip(Baseline, (o, b) => of(o) / of(b)));

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The value that 95 of 100 keep within.</summary>
    internal static double P95(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? double.NaN : values.Order().ElementAt((int)Math.Min(values.Count - 1, Math.Ceiling(values.Count * 0.95) - 1));

    /// <summary>The round with the median rate.</summary>
    private static Sample Middle(IReadOnlyList<Sample> samples) => samples.OrderBy(s => s.PerSecond).ElementAt(samples.Count / 2);
}
