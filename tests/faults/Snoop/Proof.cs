using System.Globalization;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// That the linker is worth something: people who worked on the code before batches (commit 71ed670, leaves of version 1, shown at once)
/// are followed; the same people in batches are not; and each single thing that is left as it was is objected to.
/// </summary>
internal static class Proof
{
    private const double RightAtLeast = 0.95;
    private const int LinksAtLeast = 200;
    private const double Margin = 0.20;
    private static readonly string[] Sure = [Linker.RunningValues, Linker.FirstSeen, Linker.Ids, Linker.Together];

    internal static IReadOnlyList<string> NotMet()
    {
        var before = Recording.Load(Path.Combine(AppContext.BaseDirectory, "leaf-1-at-once.gz"));
        var scores = Verdict.Of(before);
        Console.WriteLine($"recorded on leaves of version 1, shown at once:\n{Verdict.Table(scores, null)}");
        var wrong = new List<string>();
        foreach (var score in scores.Where(s => Sure.Contains(s.Way) && s.Right < RightAtLeast))
            wrong.Add(string.Create(CultureInfo.InvariantCulture,
                $"On leaves of version 1, {score.Way} was right {score.Right:0%} of the times, less than {RightAtLeast:0%}."));
        if (scores.First(s => s.Way == Linker.Together).Links is var links and < LinksAtLeast)
            wrong.Add($"On leaves of version 1, only {links} links were claimed.");

        foreach (var leak in Enum.GetValues<Leak>())
        {
            var objections = Objections(Published.InBatches(before, leak), Margin);
            var how = leak == Leak.None ? "as it should be" : $"but {leak}";
            var said = objections.Count == 0 ? "nobody is followed" : string.Join("; ", objections);
            Console.WriteLine($"the same in batches, {how}: {said}");
            if (leak == Leak.None)
                wrong.AddRange(objections);
            else if (objections.Count == 0)
                wrong.Add($"Nothing was said against {leak}.");
        }

        return wrong;
    }

    /// <summary>Everything that says something of people, in a recording.</summary>
    internal static IReadOnlyList<string> Objections(Recording recording, double margin) =>
        Objections(recording, Verdict.Of(recording), margin);

    internal static IReadOnlyList<string> Objections(Recording recording, IReadOnlyList<Score> scores, double margin) =>
    [
        .. scores.Where(s => s.Follows(margin)).Select(s => string.Create(
            CultureInfo.InvariantCulture,
            $"followed by {s.Way} ({s.Links} links, {s.Right:0%} right, chance {s.Chance:0%}; "
            + $"one person's {s.SamePerson:0%}, chance {s.SameByChance:0%})")),
        .. Steady.Moved(recording),
    ];
}
