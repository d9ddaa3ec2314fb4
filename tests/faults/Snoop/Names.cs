namespace Marketplace.Faults.Snoop;

/// <summary>Ways of linking by what an entry or an answer says of its person, whatever its time.</summary>
internal static class Names
{
    private const double AllowanceShare = 0.03;
    private const long RoundingMs = 1;
    private const int Version7 = 7;

    /// <summary>A running number of one person: what is left of the allowance after an end is what the next one begins with.</summary>
    internal static IEnumerable<Guess> RunningValues(Sight sight)
    {
        var begins = sight.Pays.Where(e => e.Pay!.AllowanceLeftMs is not null).OrderBy(e => e.Pay!.AllowanceLeftMs).ToArray();
        var values = begins.Select(e => (double)e.Pay!.AllowanceLeftMs!.Value).ToArray();
        foreach (var earlier in begins)
        {
            var pay = earlier.Pay!;
            var left = pay.AllowanceLeftMs!.Value - Used(pay) + (pay.End == "submitted" ? Math.Floor(pay.CreditedMs * AllowanceShare) : 0);
            foreach (var n in Times.Around(values, left))
            {
                if (begins[n].Number > earlier.Number && values[n] - left is >= 0 and <= RoundingMs)
                    yield return new(earlier, begins[n], begins[n].Number - earlier.Number);
            }
        }
    }

    /// <summary>
    /// Answers of the own job, by their ids: a UUIDv7 is the time of the claim; any other may have come at a time of its own, or at least
    /// stand in an order. The time between two answers of one pseudonym is what one of them took, and an entry that took as long is its
    /// pay.
    /// </summary>
    internal static IEnumerable<Guess> Ids(Sight sight)
    {
        var (times, areClaims) = AnswerTimes(sight);
        var pays = sight.Pays.Where(e => e.Job == sight.Seen.Setting.OwnJob && e.Pay!.End == "submitted").ToArray();
        var people = sight.Seen.Answers.GroupBy(a => a.Person).Select(p => p.OrderBy(a => times[a.Id]).ToArray()).ToArray();
        var fits = new List<(SeenAnswer Answer, SeenEntry Entry, double Doubt)>();
        foreach (var (first, second) in people.SelectMany(turns => turns.Zip(turns.Skip(1))))
        {
            var answer = areClaims ? first : second;
            foreach (var entry in pays.Where(e => MayPay(sight, e, times[second.Id])))
                fits.Add((answer, entry, Math.Abs(times[second.Id] - times[first.Id] - Sight.Took(entry))));
        }

        var paid = Joined(fits);
        foreach (var (first, second) in people.SelectMany(turns => turns.Zip(turns.Skip(1))))
        {
            if (paid.TryGetValue(first.Id, out var earlier) && paid.TryGetValue(second.Id, out var later))
                yield return new(earlier.Entry, later.Entry, earlier.Doubt + later.Doubt);
        }
    }

    /// <summary>
    /// Who gave many answers within a step is quick: to pseudonyms with many answers go the shortest entries of that step. What counts
    /// alone tell.
    /// </summary>
    internal static IEnumerable<Guess> Pace(Sight sight)
    {
        var last = new Dictionary<Guid, SeenEntry>();
        foreach (var batch in sight.Batches)
        {
            var pays = new Queue<SeenEntry>(batch.Entries
                .Where(e => e.Job == sight.Seen.Setting.OwnJob && e.Pay?.End == "submitted")
                .OrderBy(Sight.Took));
            var people = sight.Seen.Answers.Where(a => sight.Batches.MinBy(b => Math.Abs(b.ToMs - a.T)) == batch).GroupBy(a => a.Person);
            foreach (var person in people.OrderByDescending(p => p.Count()).ThenBy(p => p.Key))
            {
                for (var n = 0; n < person.Count() && pays.TryDequeue(out var entry); n++)
                {
                    if (last.TryGetValue(person.Key, out var before))
                        yield return new(before, entry, 0);
                    last[person.Key] = entry;
                }
            }
        }
    }

    /// <summary>A payout is the sum of some entries: of two or three where it is small.</summary>
    internal static IEnumerable<Guess> Payouts(Sight sight)
    {
        const int recent = 60;
        const long cent = 10_000;
        foreach (var payout in sight.Seen.Entries.Where(e => e.Kind == "payout-issued"))
        {
            var pays = sight.Pays.Where(e => e.Pay!.PayMicros > 0 && sight.BatchOf[e.Number] <= sight.BatchOf[payout.Number])
                .TakeLast(recent).ToArray();

            // Whole cents are paid out, and what was left of a cent before is in it.
            bool Is(long sum) => Math.Abs(sum - payout.AmountMicros) < cent;
            for (var a = 0; a < pays.Length; a++)
            {
                for (var b = a + 1; b < pays.Length; b++)
                {
                    var two = pays[a].Pay!.PayMicros + pays[b].Pay!.PayMicros;
                    if (Is(two))
                        yield return new(pays[a], pays[b], pays.Length - b);
                    for (var c = b + 1; c < pays.Length; c++)
                    {
                        if (Is(two + pays[c].Pay!.PayMicros))
                            yield return new(pays[b], pays[c], 2 * recent + pays.Length - c);
                    }
                }
            }
        }
    }

    /// <summary>
    /// What an end takes of the allowance: all that is credited without an answer, and what was asked for beyond what was seen.
    /// </summary>
    private static long Used(SeenPay pay) => pay.End == "submitted" ? Math.Max(0, pay.CreditedMs - (pay.ActiveMs ?? pay.CreditedMs))
        : pay.CreditedMs;

    private static bool MayPay(Sight sight, SeenEntry entry, double ended) =>
        sight.BatchWith(entry) is var batch && ended >= batch.FromMs - 2_000 && ended <= batch.ToMs + 2_000;

    private static Dictionary<Guid, (SeenEntry Entry, double Doubt)> Joined(List<(SeenAnswer Answer, SeenEntry Entry, double Doubt)> fits)
    {
        var (paid, used) = (new Dictionary<Guid, (SeenEntry, double)>(), new HashSet<long>());
        foreach (var (answer, entry, doubt) in fits.OrderBy(f => f.Doubt))
        {
            if (!paid.ContainsKey(answer.Id) && used.Add(entry.Number))
                paid[answer.Id] = (entry, doubt);
        }

        return paid;
    }

    /// <summary>When each answer's task was claimed, where its id says it; else when it came, as far as anything tells.</summary>
    private static (Dictionary<Guid, double> Times, bool AreClaims) AnswerTimes(Sight sight)
    {
        const long together = 300, few = 3;
        var answers = sight.Seen.Answers;
        if (answers.Count > 0 && answers.All(a => a.Id.Version == Version7))
            return (answers.ToDictionary(a => a.Id, a => (double)Milliseconds(a.Id)), true);

        var times = new Dictionary<Guid, double>();
        var from = answers.Select(a => (double)a.T).DefaultIfEmpty(0).Min() - sight.Seen.Setting.EveryMs;
        for (var n = 0; n < answers.Count;)
        {
            var at = answers[n].T;
            var shown = answers.Skip(n).TakeWhile(a => a.T - at < together).OrderBy(a => a.Id.ToString(), StringComparer.Ordinal).ToArray();
            foreach (var (place, answer) in shown.Index())
                times[answer.Id] = shown.Length <= few ? answer.T : from + (at - from) * (place + 1) / shown.Length;
            (from, n) = (at, n + shown.Length);
        }

        return (times, false);
    }

    private static long Milliseconds(Guid id) => Convert.ToInt64(id.ToString("n")[..12], 16);
}
