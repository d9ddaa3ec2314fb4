namespace Marketplace.Faults.Snoop;

/// <summary>One thing that was left as it was, in a ledger that is otherwise published in batches.</summary>
internal enum Leak
{
    None,

    /// <summary>The running number of one person stays in the entries.</summary>
    RunningValue,

    /// <summary>Entries are shown when they are booked.</summary>
    EntriesAtOnce,

    /// <summary>In a batch entries stand in the order in which they were booked.</summary>
    OrderOfBooking,

    /// <summary>Answers have ids that hold the time of the claim.</summary>
    IdsOfTime,

    /// <summary>Answers are shown when they come.</summary>
    AnswersAtOnce,

    /// <summary>What is left of a job is shown as it is.</summary>
    LeftAtOnce,

    /// <summary>Balances move when an entry is booked.</summary>
    BalancesAtOnce,
}

/// <summary>
/// What a recording of a ledger that shows all at once would have been, had it been published in batches by leaves of version 2: so that
/// the linker can be held against what should defeat it, and against each single thing that should not have been forgotten.
/// </summary>
internal static class Published
{
    private const long HourMs = 3_600_000;
    private const long SeenAfterMs = 120;

    internal static Recording InBatches(Recording before, Leak leak)
    {
        var every = before.Setting.EveryMs;
        long Step(long t) => (t + every - 1) / every * every + SeenAfterMs;
        var entries = Entries(before, leak, Step);
        var isAtOnce = leak == Leak.EntriesAtOnce;
        var ids = new Random(1);
        return before with
        {
            Entries = entries,
            Moves =
            [
                .. before.Moves.Where(m => IsAtOnce(m, leak))
                    .Concat(before.Moves.Where(m => !IsAtOnce(m, leak) && m.What != "checkpoint").GroupBy(m => (m.What, Step(m.T)))
                        .Select(m => new Move(m.Key.Item2, m.Key.What, m.First().From, m.Last().To)))
                    .Concat(isAtOnce ? [] : entries.GroupBy(e => e.T)
                        .Select(e => new Move(e.Key, "checkpoint", e.Min(x => x.Number) - 1, e.Max(x => x.Number))))
                    .OrderBy(m => m.T),
            ],
            Answers =
            [
                .. before.Answers.Select(a => a with
                {
                    T = leak == Leak.AnswersAtOnce ? a.T : Step(a.T),
                    Id = leak == Leak.IdsOfTime ? a.Id : Chance(ids),
                    At = a.At - a.At % HourMs,
                }).OrderBy(a => a.T).ThenBy(a => a.Id),
            ],
            Marks = [.. before.Marks.Select(m => m with { Number = isAtOnce ? m.Number : null })],
        };
    }

    private static List<SeenEntry> Entries(Recording before, Leak leak, Func<long, long> step)
    {
        var shown = before.Entries.Select(e => e with
        {
            T = leak == Leak.EntriesAtOnce ? e.T : step(e.T),
            Pay = e.Pay is not { } pay ? null : pay with
            {
                ActiveMs = null,
                UnseenMs = null,
                FirstOfJob = null,
                AllowanceLeftMs = leak == Leak.RunningValue ? pay.AllowanceLeftMs : null,
            },
        });
        if (leak == Leak.EntriesAtOnce)
            return [.. shown];

        var sorted = shown.OrderBy(e => e.T).ThenBy(e => leak == Leak.OrderOfBooking ? "" : e.Key, StringComparer.Ordinal)
            .ThenBy(e => e.Number);
        return [.. sorted.Select((e, n) => e with { Number = n + 1 })];
    }

    private static bool IsAtOnce(Move move, Leak leak) => leak switch
    {
        Leak.EntriesAtOnce => move.What == "checkpoint",
        Leak.LeftAtOnce => move.What.EndsWith(".left", StringComparison.Ordinal),
        Leak.BalancesAtOnce => move.What.StartsWith("balance.", StringComparison.Ordinal),
        Leak.AnswersAtOnce => move.What is "job.answers" or "events.answers",
        _ => false,
    };

    private static Guid Chance(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        return new(bytes, bigEndian: true);
    }
}
