namespace Marketplace.Faults.Plan;

/// <summary>What happens in one run: who works how is drawn from the seed, and so is every fault.</summary>
internal sealed record Schedule(int Seed, IReadOnlyList<PlannedFault> Faults)
{
    /// <summary>After the first answers.</summary>
    private const int FirstAtMs = 500;

    /// <summary>A schedule of this many faults, of these kinds. Every kind comes once before any comes twice, over the seeds that follow each other.</summary>
    internal static Schedule Draw(int seed, int faults, IReadOnlyList<FaultKind> kinds)
    {
        var random = new Random(seed);
        var lengthMs = FirstAtMs + (faults * 1_400);
        var planned = new List<PlannedFault>();
        for (var n = 0; n < faults; n++)
        {
            var position = (long)seed * faults + n;
            var round = Shuffled(kinds, (int)(position / kinds.Count));
            planned.Add(new(round[(int)(position % kinds.Count)], random.Next(FirstAtMs, lengthMs), random.Next()));
        }

        return new(seed, [.. planned.OrderBy(f => f.AtMs)]);
    }

    /// <summary>
    /// Smaller schedules to try instead of one that failed: each half, then all but one. Where one of them still fails, it is taken and shrunk in turn.
    /// </summary>
    internal IEnumerable<Schedule> Smaller()
    {
        if (Faults.Count > 2)
        {
            yield return this with { Faults = [.. Faults.Take(Faults.Count / 2)] };
            yield return this with { Faults = [.. Faults.Skip(Faults.Count / 2)] };
        }

        for (var left = 0; left < Faults.Count && Faults.Count > 1; left++)
            yield return this with { Faults = [.. Faults.Where((_, n) => n != left)] };
    }

    public override string ToString() => $"seed {Seed}: {string.Join(", ", Faults)}";

    private static List<FaultKind> Shuffled(IReadOnlyList<FaultKind> kinds, int round)
    {
        var random = new Random(round);
        return [.. kinds.OrderBy(_ => random.Next())];
    }
}
