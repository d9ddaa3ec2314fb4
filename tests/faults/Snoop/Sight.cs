namespace Marketplace.Faults.Snoop;

/// <summary>What is known of a recording before anything is guessed: whose pay is to be linked, and what was published together.</summary>
internal sealed class Sight
{
    internal Sight(Recording recording)
    {
        Seen = recording;
        var own = recording.Marks.Select(m => m.Commitment).OfType<string>().ToHashSet();
        Pays = [.. recording.Entries.Where(e => e.Pay is not null && e.Job != recording.Setting.ClockJob
            && !own.Contains(e.Commitment ?? ""))];
        Batches = Together(recording);
        BatchOf = Batches.SelectMany((batch, n) => batch.Entries.Select(e => (e.Number, n))).ToDictionary(e => e.Number, e => e.n);
    }

    internal Recording Seen { get; }

    /// <summary>Pay of others, in the order of its public number.</summary>
    internal IReadOnlyList<SeenEntry> Pays { get; }

    internal IReadOnlyList<Batch> Batches { get; }

    internal IReadOnlyDictionary<long, int> BatchOf { get; }

    internal Batch BatchWith(SeenEntry entry) => Batches[BatchOf[entry.Number]];

    /// <summary>How long the work took, as far as the entry says.</summary>
    internal static long Took(SeenEntry entry) => entry.Pay!.ActiveMs is { } active ? active : entry.Pay.CreditedMs;

    /// <summary>The same, with the credited times (and with them the pay) of each job dealt out anew.</summary>
    internal static Recording Permuted(Recording recording, Random random)
    {
        var dealt = new Dictionary<long, SeenPay>();
        foreach (var job in recording.Entries.Where(e => e.Pay is not null).GroupBy(e => e.Job))
        {
            var pays = job.Select(e => e.Pay!).ToArray();
            random.Shuffle(pays);
            foreach (var (entry, pay) in job.Zip(pays))
                dealt[entry.Number] = pay with { AllowanceLeftMs = entry.Pay!.AllowanceLeftMs, FirstOfJob = entry.Pay.FirstOfJob };
        }

        SeenEntry Dealt(SeenEntry entry) => dealt.TryGetValue(entry.Number, out var pay) ? entry with { Pay = pay } : entry;
        return recording with { Entries = [.. recording.Entries.Select(Dealt)] };
    }

    /// <summary>The checkpoint says what was published together: all between two of its sizes.</summary>
    private static List<Batch> Together(Recording recording)
    {
        var (batches, open) = (new List<Batch>(), new List<SeenEntry>());
        var from = recording.Entries.Count > 0 ? recording.Entries.Min(e => e.T) : 0;
        var sizes = new Queue<Move>(recording.Moves.Where(m => m.What == "checkpoint"));
        void Close(long to)
        {
            if (open.Count > 0)
                batches.Add(new(from, to, open));
            (from, open) = (to, []);
        }

        foreach (var entry in recording.Entries)
        {
            while (sizes.Count > 0 && sizes.Peek().To < entry.Number)
                Close(sizes.Dequeue().T);
            open.Add(entry);
        }

        Close(sizes.Count > 0 ? sizes.Peek().T : open.Select(e => e.T).DefaultIfEmpty(from).Max());
        return batches;
    }
}

/// <summary>Entries that were first seen together.</summary>
/// <param name="FromMs">When the ones before were seen.</param>
/// <param name="ToMs">When these were.</param>
/// <param name="Entries">In the order of their public number.</param>
internal sealed record Batch(long FromMs, long ToMs, IReadOnlyList<SeenEntry> Entries)
{
    /// <summary>Where one of the entries, evenly dealt over the time of the batch, would have been made.</summary>
    internal double Spread(int place, int of) => FromMs + (ToMs - FromMs) * (place + 1.0) / of;
}

/// <summary>"These two are of one person, and nothing of theirs came between."</summary>
/// <param name="Earlier">The person's end.</param>
/// <param name="Later">Their next.</param>
/// <param name="Doubt">Smaller is surer; each way of linking has its own unit.</param>
internal sealed record Guess(SeenEntry Earlier, SeenEntry Later, double Doubt);
