using System.Globalization;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Whether what is shown of many people's work moved at the steps alone. Whoever sees a number move between two steps has a clock, even
/// where the linker here makes little of it.
/// </summary>
internal static class Steady
{
    /// <summary>A step takes a moment to be shown, longer on a machine that has much to do.</summary>
    private const long ShownWithinMs = 7_500;

    /// <summary>So many may be late, for the same reason.</summary>
    private const double LateAtMost = 0.10;

    internal static IReadOnlyList<string> Moved(Recording recording)
    {
        var every = recording.Setting.EveryMs;
        var begun = recording.Entries.Where(e => e.Pay is not null && e.Job != recording.Setting.ClockJob).Select(e => e.T)
            .DefaultIfEmpty(long.MaxValue).Min();
        if (every == 0)
            return ["Everything is shown at once."];

        var seen = recording.Entries.Select(e => ("entries", e.T))
            .Concat(recording.Answers.Select(a => ("answers", a.T)))
            .Concat(recording.Moves.Where(m => Of(m.What) is not null).Select(m => (Of(m.What)!, m.T)))
            .Where(s => s.T >= begun);
        return
        [
            .. seen.GroupBy(s => s.Item1)
                .Select(s => (What: s.Key, Late: (double)s.Count(x => x.T % every > Math.Min(ShownWithinMs, every / 4)) / s.Count()))
                .Where(s => s.Late > LateAtMost)
                .Select(s => string.Create(CultureInfo.InvariantCulture,
                    $"{s.What} moved between steps ({s.Late:0%} of the times it moved)")),
        ];
    }

    /// <summary>Null for what tells of nobody, or only of the looker-on.</summary>
    private static string? Of(string what)
    {
        var (place, name) = (what.Split('.')[0], what.Split('.')[^1]);
        return (place, name) switch
        {
            ("checkpoint" or "receipt" or "balance", _) => place,
            (_, "left" or "answers" or "funded" or "lastAnswerAt") => $"{place}: {name}",
            _ => null,
        };
    }
}
