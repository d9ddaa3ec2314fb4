using System.Globalization;
using System.Text.Json.Serialization;
using Marketplace.Ui;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// An entry as anybody may see it: named by the number that its publication gave it, a worker as the one account of all workers with a
/// commitment, its time cut to the hour, the key as a code that only the log can make. Nothing in it names an assignment or a worker.
/// </summary>
internal sealed record PublicEntry
{
    public required long Number { get; init; }
    public required string Kind { get; init; }

    /// <summary>How many entries were public before its batch; null where its leaf is of version 1.</summary>
    public required long? Batch { get; init; }

    /// <summary>The hour in which it was written, in UTC; of a payout's step the day. Where the leaf is of version 1 the instant, of pay the hour.</summary>
    public required DateTimeOffset At { get; init; }
    public required string Currency { get; init; }

    /// <summary>HMAC-SHA-256 of the entry's key under the log's secret, in hex.</summary>
    public required string Key { get; init; }
    public required Guid? JobId { get; init; }
    public required string? JobTitle { get; init; }

    /// <summary>The entry that this one corrects.</summary>
    public required long? Corrects { get; init; }

    /// <summary>Debits first, each side from the largest.</summary>
    public required IReadOnlyList<PublicPosting> Postings { get; init; }

    /// <summary>Of an entry about a worker: SHA-256 over a salt that the worker alone has, their id and the entry's key, in hex.</summary>
    public required string? Commitment { get; init; }

    /// <summary>Of a step of a payout: a code that is the same for all its steps, in hex.</summary>
    public required string? Payout { get; init; }

    /// <summary>What the pay was computed from; only of an assignment.</summary>
    public required PayFacts? Pay { get; init; }

    /// <summary>The policy that was adopted.</summary>
    public required PolicyFacts? Policy { get; init; }

    /// <summary>What changed hands: the sum of the debits, in micro-units.</summary>
    public long AmountMicros => Postings.Where(p => p.AmountMicros > 0).Sum(p => p.AmountMicros);

    [JsonIgnore]
    public ShownTime Time => TimeOf(Kind, Batch);

    /// <summary>The day that it stands on for a reader: where only the day is public it is that of UTC.</summary>
    internal DateOnly Day(TimeZoneInfo zone) => Time == ShownTime.Day ? DateOnly.FromDateTime(At.UtcDateTime) : TimeText.DayOf(At, zone);

    /// <summary>The instant that may be shown of an entry of this kind.</summary>
    internal static DateTimeOffset Shown(string kind, long? batch, DateTimeOffset at) => TimeOf(kind, batch) switch
    {
        ShownTime.Day => Floor(at, TimeSpan.TicksPerDay),
        ShownTime.Hour => Floor(at, TimeSpan.TicksPerHour),
        _ => at.ToUniversalTime(),
    };

    // A requester knows when each answer came: with the second of its pay it would know what each person earned. And whoever can make an entry
    // with its second, a cent paid in, has a clock for those beside it.
    private static ShownTime TimeOf(string kind, long? batch) => (kind, batch) switch
    {
        (EntryKind.PayoutIssued or EntryKind.PayoutSettled or EntryKind.PayoutFailed or EntryKind.PayoutReturned, not null) => ShownTime.Day,
        (EntryKind.AssignmentPaid, _) or (_, not null) => ShownTime.Hour,
        _ => ShownTime.Instant,
    };

    private static DateTimeOffset Floor(DateTimeOffset at, long ticks) => new(at.UtcTicks - at.UtcTicks % ticks, TimeSpan.Zero);
}

/// <summary>How exactly the time of an entry is public.</summary>
internal enum ShownTime
{
    Instant,
    Hour,
    Day,
}

/// <summary>One line of an entry: debit positive, credit negative, in micro-units.</summary>
internal sealed record PublicPosting
{
    /// <summary>The public name: all workers share one.</summary>
    public required string Account { get; init; }
    public required string AccountKind { get; init; }
    public required long AmountMicros { get; init; }

    /// <summary>Of a worker's line: SHA-256 over a salt that the worker alone has, their id and the entry's key, in hex.</summary>
    public required string? Commitment { get; init; }
}

/// <summary>A pay policy, every parameter of it. Rates in basis points of pay, money in micro-units, times in ms.</summary>
internal sealed record PolicyFacts
{
    public required int Version { get; init; }
    public required DateTimeOffset InForceFrom { get; init; }
    public required long FloorMicrosPerHour { get; init; }
    public required int FeeBps { get; init; }
    public required int LevyBps { get; init; }
    public required long LimitLeastMs { get; init; }
    public required int LimitFactor { get; init; }
    public required long ReadingPerWordMs { get; init; }
    public required long ReadingMostMs { get; init; }
    public required long LeaseLeastMs { get; init; }
    public required int EarliestSubmitDivisor { get; init; }
    public required long IdleLeastMs { get; init; }
    public required long IdleMostMs { get; init; }
    public required long AllowanceBaseMs { get; init; }
    public required int AllowanceShareBps { get; init; }
    public required long GraceMs { get; init; }
    public required long MostCreditedIn24hMs { get; init; }
    public required int PriceSample { get; init; }
    public required int PriceWorkers { get; init; }
    public required int PriceBandBps { get; init; }
    public required int PriceStepBps { get; init; }
    public required long JobLifeMs { get; init; }

    /// <summary>All of it as <c>name=value</c> lines, sorted by name: what leaves of version 2 say, and what a later parameter only adds to.</summary>
    internal string Lines() => string.Concat(
        new (string Name, long Value)[]
        {
            ("version", Version),
            ("inForceFrom", InForceFrom.ToUnixTimeMilliseconds()),
            ("floorMicrosPerHour", FloorMicrosPerHour),
            ("feeBps", FeeBps),
            ("levyBps", LevyBps),
            ("limitLeastMs", LimitLeastMs),
            ("limitFactor", LimitFactor),
            ("readingPerWordMs", ReadingPerWordMs),
            ("readingMostMs", ReadingMostMs),
            ("leaseLeastMs", LeaseLeastMs),
            ("earliestSubmitDivisor", EarliestSubmitDivisor),
            ("idleLeastMs", IdleLeastMs),
            ("idleMostMs", IdleMostMs),
            ("allowanceBaseMs", AllowanceBaseMs),
            ("allowanceShareBps", AllowanceShareBps),
            ("graceMs", GraceMs),
            ("mostCreditedIn24hMs", MostCreditedIn24hMs),
            ("priceSample", PriceSample),
            ("priceWorkers", PriceWorkers),
            ("priceBandBps", PriceBandBps),
            ("priceStepBps", PriceStepBps),
            ("jobLifeMs", JobLifeMs),
        }
        .OrderBy(p => p.Name, StringComparer.Ordinal)
        .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name}={p.Value}\n")));
}
