using System.Globalization;

namespace Marketplace.Faults.Snoop;

/// <summary>How right one way of linking was, beside what chance would have been.</summary>
/// <param name="Way">Its name.</param>
/// <param name="Links">Links claimed whose both ends somebody owns.</param>
/// <param name="Right">Of them, the share that are one person's, with nothing between.</param>
/// <param name="Chance">The same of the same linker when there is nothing to know.</param>
/// <param name="SamePerson">The share that are one person's, whatever came between.</param>
/// <param name="SameByChance">The same when there is nothing to know.</param>
internal sealed record Score(string Way, int Links, double Right, double Chance, double SamePerson, double SameByChance)
{
    /// <summary>Few links may be right by luck: so many more are allowed for.</summary>
    private const int Many = 100;
    private const double Deviations = 3;

    /// <summary>
    /// Whether people could be followed so. Of pace only links count: that somebody quick gave many answers, and that short entries are a
    /// quick person's, is what the pay rule and a count of answers tell whatever is done (payment/Transparency/README.md, what can still
    /// be told).
    /// </summary>
    internal bool Follows(double margin) => Over(Right, Chance, margin) || (Way != Linker.Pace && Over(SamePerson, SameByChance, margin));

    private bool Over(double share, double chance, double margin) =>
        share > chance + margin + (Links < Many ? Deviations * Math.Sqrt(0.25 / Math.Max(1, Links)) : 0);
}

/// <summary>Holds the claims of every way against the truth.</summary>
internal static class Verdict
{
    private const int Deals = 10;
    private const int Swaps = 100;

    /// <summary>
    /// Chance is the lower of two: the same linker where credited times were dealt out anew within each job; and the same claims where
    /// owners were, among what was made in one job within one step. The first alone would take a leak that needs no times for chance.
    /// </summary>
    internal static IReadOnlyList<Score> Of(Recording recording)
    {
        var random = new Random(1);
        var deals = Enumerable.Range(0, Deals).Select(_ => Linker.Claim(Sight.Permuted(recording, random))
            .ToDictionary(c => c.Way, c => Judge(c.Claims, recording.Truth))).ToArray();
        var swaps = Enumerable.Range(0, Swaps).Select(_ => Swapped(recording, random)).ToArray();
        return [.. Linker.Claim(recording).Select(way =>
        {
            var found = Judge(way.Claims, recording.Truth);
            var dealt = deals.Select(d => d[way.Way]).ToArray();
            var swapped = swaps.Select(truth => Judge(way.Claims, truth)).ToArray();
            return new Score(
                way.Way, found.Links, found.Right, Math.Min(dealt.Average(d => d.Right), swapped.Average(s => s.Right)),
                found.Same, Math.Min(dealt.Average(d => d.Same), swapped.Average(s => s.Same)));
        })];
    }

    internal static string Table(IReadOnlyList<Score> scores, double? margin)
    {
        var lines = new List<string> { "way                  links  right chance   same person chance" };
        lines.AddRange(scores.Select(s => string.Create(CultureInfo.InvariantCulture,
            $"{s.Way,-20} {s.Links,5}  {s.Right,4:0%}   {s.Chance,4:0%}          {s.SamePerson,4:0%}   {s.SameByChance,4:0%}{Word(s)}")));
        return string.Join('\n', lines);

        string Word(Score score) => margin is not { } most ? "" : score.Follows(most) ? "   FOLLOWED" : "   ok";
    }

    private static (int Links, double Right, double Same) Judge(IReadOnlyList<Guess> claims, IReadOnlyDictionary<string, Owner> truth)
    {
        var (links, right, same) = (0, 0, 0);
        foreach (var claim in claims)
        {
            if (!truth.TryGetValue(claim.Earlier.Commitment ?? "", out var earlier) || !truth.TryGetValue(claim.Later.Commitment ?? "",
                out var later))
                continue;
            links++;
            same += earlier.Person == later.Person ? 1 : 0;
            right += earlier.Person == later.Person && earlier.Turn + 1 == later.Turn ? 1 : 0;
        }

        return (links, (double)right / Math.Max(1, links), (double)same / Math.Max(1, links));
    }

    private static Dictionary<string, Owner> Swapped(Recording recording, Random random)
    {
        var truth = new Dictionary<string, Owner>();
        var every = Math.Max(30_000, recording.Setting.EveryMs);
        foreach (var group in recording.Entries.Where(e => e.Commitment is not null && recording.Truth.ContainsKey(e.Commitment))
            .GroupBy(e => (e.Job, e.T / every)))
        {
            var owners = group.Select(e => recording.Truth[e.Commitment!]).ToArray();
            random.Shuffle(owners);
            foreach (var (entry, owner) in group.Zip(owners))
                truth[entry.Commitment!] = owner;
        }

        return truth;
    }
}
