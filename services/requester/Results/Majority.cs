using System.Globalization;

namespace Marketplace.Requester.Results;

/// <summary>What most of the answers to one task say.</summary>
/// <param name="Label">The label with the most votes; of several, the smaller one.</param>
/// <param name="Votes">How many chose it.</param>
/// <param name="Answers">How many answers there are.</param>
/// <param name="Tied">Another label has as many votes.</param>
internal sealed record Majority(string Label, int Votes, int Answers, bool Tied)
{
    /// <summary>The share of answers that agree with the label, 0 to 1.</summary>
    public double Agreement => (double)Votes / Answers;

    /// <summary>The majority of at least one answer; the order they came in does not matter.</summary>
    public static Majority Of(IReadOnlyCollection<string> answers)
    {
        var votes = answers.GroupBy(a => a, StringComparer.Ordinal).Select(g => (Label: g.Key, Count: g.Count())).ToArray();
        var most = votes.Max(v => v.Count);
        var first = votes.Where(v => v.Count == most).Select(v => v.Label).Order(SmallerFirst).ToArray();
        return new(first[0], most, answers.Count, first.Length > 1);
    }

    /// <summary>Numbers by their value and before all else; other labels by their characters (ordinal).</summary>
    public static readonly IComparer<string> SmallerFirst = Comparer<string>.Create((a, b) =>
    {
        var (numberA, numberB) = (Number(a), Number(b));
        return (numberA, numberB) switch
        {
            ({ } x, { } y) when x != y => x.CompareTo(y),
            ({ }, null) => -1,
            (null, { }) => 1,
            _ => string.CompareOrdinal(a, b),
        };
    });

    private static decimal? Number(string label) =>
        decimal.TryParse(label, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
