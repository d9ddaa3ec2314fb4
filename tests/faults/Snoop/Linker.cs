namespace Marketplace.Faults.Snoop;

/// <summary>Tries every way, and claims what each is surest of; and then what several of them agree on.</summary>
internal static class Linker
{
    internal const string Together = "together";
    internal const string Pace = "pace";
    internal const string RunningValues = "running values";
    internal const string FirstSeen = "times: first seen";
    internal const string Ids = "ids of answers";

    /// <summary>A way that is sure of little says so much all the same: of so many of the entries it claims a last end.</summary>
    private const double LeastShare = 0.5;

    /// <summary>Under this doubt (ms, where a way has a unit) all is claimed.</summary>
    private const double SureMs = 150;

    /// <summary>What two ways claim, together they are sure of.</summary>
    private const double Agreed = -2;

    /// <summary>What is one person's to the millisecond says more than a time that several ways guess from the same sight.</summary>
    private const double Exact = 3;

    private static readonly (string Name, bool IsTime, Func<Sight, IEnumerable<Guess>> Guess)[] Ways =
    [
        (RunningValues, false, Names.RunningValues),
        (FirstSeen, true, Times.Seen),
        ("order of numbers", true, Times.Numbers),
        ("order of keys", true, Times.Keys),
        ("between own deeds", true, Times.Clock),
        (Ids, true, Names.Ids),
        ("counts", true, Times.Counts),
        ("amounts", true, Times.Amounts),
        ("sums of payouts", false, Names.Payouts),
        (Pace, false, Names.Pace),
    ];

    /// <summary>What each way claims, by its name.</summary>
    internal static IReadOnlyList<(string Way, IReadOnlyList<Guess> Claims)> Claim(Recording recording)
    {
        var sight = new Sight(recording);
        var least = (int)(sight.Pays.Count * LeastShare);
        var claims = Ways
            .Select(way => (way.Name, Claims: (IReadOnlyList<Guess>)Once(way.Guess(sight), way.IsTime ? SureMs : double.MaxValue, least)))
            .ToList();
        var votes = new Dictionary<(SeenEntry, SeenEntry), double>();
        foreach (var (way, claimed) in claims)
        {
            var weight = way is RunningValues or Ids ? Exact : 1;
            foreach (var (place, guess) in claimed.Index())
            {
                var pair = (guess.Earlier, guess.Later);
                votes[pair] = votes.GetValueOrDefault(pair) + weight * (1 + 0.5 * (claimed.Count - place) / claimed.Count);
            }
        }

        claims.Add((Together, Once(votes.Select(v => new Guess(v.Key.Item1, v.Key.Item2, -v.Value)), Agreed, least)));
        return claims;
    }

    /// <summary>Each entry has one next and one last end: the surest guess takes both.</summary>
    private static List<Guess> Once(IEnumerable<Guess> guesses, double sure, int least)
    {
        var (claims, earlier, later) = (new List<Guess>(), new HashSet<SeenEntry>(ReferenceEqualityComparer.Instance),
            new HashSet<SeenEntry>(ReferenceEqualityComparer.Instance));
        foreach (var guess in guesses.OrderBy(g => g.Doubt).ThenBy(g => g.Later.Number).ThenBy(g => g.Earlier.Number))
        {
            if (guess.Doubt > sure && claims.Count >= least)
                break;
            if (earlier.Contains(guess.Earlier) || later.Contains(guess.Later))
                continue;
            earlier.Add(guess.Earlier);
            later.Add(guess.Later);
            claims.Add(guess);
        }

        return claims;
    }
}
