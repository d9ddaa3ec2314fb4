namespace Marketplace.Faults.Snoop;

/// <summary>
/// A submit claims the next task in the same instant: so the end of an entry, minus the time that it took, is its person's last end. Each
/// way here guesses when entries were made by something else; what they have in common is <see cref="Link"/>.
/// </summary>
internal static class Times
{
    private const int Nearest = 12;

    /// <summary>Pairs whose times fit, the surest first, each entry once as the earlier and once as the later.</summary>
    internal static IEnumerable<Guess> Link(Sight sight, Func<SeenEntry, double> endOf)
    {
        var guesses = new List<Guess>();
        foreach (var job in sight.Pays.GroupBy(e => e.Job))
        {
            var ends = job.Select(e => (Entry: e, End: endOf(e))).OrderBy(e => e.End).ToArray();
            var times = ends.Select(e => e.End).ToArray();
            foreach (var (later, end) in ends)
            {
                var began = end - Sight.Took(later);
                foreach (var n in Around(times, began))
                {
                    if (ends[n].Entry != later)
                        guesses.Add(new(ends[n].Entry, later, Math.Abs(began - times[n])));
                }
            }
        }

        return guesses;
    }

    /// <summary>When it was first seen.</summary>
    internal static IEnumerable<Guess> Seen(Sight sight) => Link(sight, e => Math.Min(e.T, sight.BatchWith(e).ToMs));

    /// <summary>By the place of its number among those that were published together.</summary>
    internal static IEnumerable<Guess> Numbers(Sight sight) => ByPlace(sight, e => e.OrderBy(x => x.Number));

    /// <summary>By the place of its key among those that were published together.</summary>
    internal static IEnumerable<Guess> Keys(Sight sight) => ByPlace(sight, e => e.OrderBy(x => x.Key, StringComparer.Ordinal));

    /// <summary>Between own deeds, whose times are known, in the order of numbers.</summary>
    internal static IEnumerable<Guess> Clock(Sight sight)
    {
        var known = OwnTimes(sight);
        var times = new Dictionary<long, double>();
        foreach (var batch in sight.Batches)
        {
            foreach (var (place, entry) in batch.Entries.Index())
            {
                var before = batch.Entries.Take(place).LastOrDefault(e => known.ContainsKey(e.Number));
                var after = batch.Entries.Skip(place).FirstOrDefault(e => known.ContainsKey(e.Number));
                double[] around = [before is null ? batch.FromMs : known[before.Number], after is null ? batch.ToMs : known[after.Number]];
                times[entry.Number] = around.Average();
            }
        }

        return Link(sight, e => times[e.Number]);
    }

    /// <summary>
    /// When a number on any page became another one by just what this entry moves, or one claim fewer was left of its job.
    /// </summary>
    internal static IEnumerable<Guess> Amounts(Sight sight)
    {
        var moves = sight.Seen.Moves.ToLookup(m => Math.Abs(m.To - m.From));
        return Link(sight, entry =>
        {
            var batch = sight.BatchWith(entry);
            long[] sums = [entry.Pay!.PayMicros, entry.Pay.ChargedMicros];
            var times = sums.Where(s => s > 0).SelectMany(s => moves[s]).Select(m => m.T)
                .Where(t => t >= batch.FromMs - 3_000 && t <= batch.ToMs + 3_000).ToArray();
            return times.Length > 0 ? times.Min() : Place(sight, entry);
        });
    }

    /// <summary>
    /// What is counted moves with each claim or end. A time between two moves that is as long as an entry took is taken for it: its end
    /// is the later one.
    /// </summary>
    internal static IEnumerable<Guess> Counts(Sight sight)
    {
        var moments = sight.Pays.Select(e => e.Job).Distinct().ToDictionary(job => job!.Value, job => MomentsOf(sight, job!.Value));
        var fits = new List<(SeenEntry Entry, double End, int From, int To, double Doubt)>();
        foreach (var entry in sight.Pays)
        {
            var (batch, times) = (sight.BatchWith(entry), moments[entry.Job!.Value]);
            for (var to = LowerBound(times, batch.FromMs - 1_500); to < times.Length && times[to] <= batch.ToMs + 300; to++)
            {
                foreach (var from in Around(times, times[to] - Sight.Took(entry)).Where(n => n < to))
                    fits.Add((entry, times[to], from, to, Math.Abs(times[to] - times[from] - Sight.Took(entry))));
            }
        }

        var (ends, froms, tos) = (new Dictionary<long, double>(), new HashSet<(Guid, int)>(), new HashSet<(Guid, int)>());
        foreach (var fit in fits.OrderBy(f => f.Doubt))
        {
            var job = fit.Entry.Job!.Value;
            if (ends.ContainsKey(fit.Entry.Number) || froms.Contains((job, fit.From)) || tos.Contains((job, fit.To)))
                continue;
            froms.Add((job, fit.From));
            tos.Add((job, fit.To));
            ends[fit.Entry.Number] = fit.End;
        }

        return Link(sight, e => ends.TryGetValue(e.Number, out var end) ? end : Place(sight, e));
    }

    /// <summary>The times that own deeds gave to public entries.</summary>
    internal static Dictionary<long, double> OwnTimes(Sight sight)
    {
        var known = new Dictionary<long, double>();
        var byCommitment = sight.Seen.Entries.Where(e => e.Commitment is not null).ToDictionary(e => e.Commitment!, e => e.Number);
        var deposits = sight.Seen.Entries.Where(e => e.Requester == sight.Seen.Setting.Requester).ToLookup(e => e.AmountMicros);
        foreach (var mark in sight.Seen.Marks)
        {
            var number = mark.Number
                ?? (mark.Commitment is { } own && byCommitment.TryGetValue(own, out var paid) ? paid : (long?)null)
                ?? deposits[mark.AmountMicros ?? -1].Where(d => !known.ContainsKey(d.Number) && d.T >= mark.T - 1_000)
                    .Select(d => (long?)d.Number).FirstOrDefault();
            if (number is { } entry)
                known[entry] = mark.T;
        }

        return known;
    }

    /// <summary>Places of the values nearest to one.</summary>
    internal static IEnumerable<int> Around(double[] sorted, double value)
    {
        var at = LowerBound(sorted, value);
        for (var n = Math.Max(0, at - Nearest); n < Math.Min(sorted.Length, at + Nearest); n++)
            yield return n;
    }

    private static double Place(Sight sight, SeenEntry entry)
    {
        var batch = sight.BatchWith(entry);
        return batch.Entries.Count == 1 ? entry.T : batch.Spread(batch.Entries.TakeWhile(e => e != entry).Count(), batch.Entries.Count);
    }

    private static IEnumerable<Guess> ByPlace(Sight sight, Func<IEnumerable<SeenEntry>, IOrderedEnumerable<SeenEntry>> order)
    {
        var times = new Dictionary<long, double>();
        foreach (var batch in sight.Batches)
        {
            foreach (var (place, entry) in order(batch.Entries).Index())
                times[entry.Number] = batch.Spread(place, batch.Entries.Count);
        }

        return Link(sight, e => times[e.Number]);
    }

    /// <summary>Each move of what is counted of a job, as often as it moved by.</summary>
    private static double[] MomentsOf(Sight sight, Guid job)
    {
        var left = $"list.{job}.left";
        var own = job == sight.Seen.Setting.OwnJob;
        return
        [
            .. sight.Seen.Moves
                .Where(m => m.What == left || (own && m.What is "job.answers" or "events.answers"))
                .GroupBy(m => m.What).OrderByDescending(g => g.Count()).Take(1).SelectMany(g => g)
                .SelectMany(m => Enumerable.Repeat((double)m.T, (int)Math.Min(Math.Abs(m.To - m.From), 20)))
                .Order(),
        ];
    }

    private static int LowerBound(double[] sorted, double value)
    {
        var at = Array.BinarySearch(sorted, value);
        at = at < 0 ? ~at : at;
        while (at > 0 && sorted[at - 1] >= value)
            at--;
        return at;
    }
}
