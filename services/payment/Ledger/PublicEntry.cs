using System.Text.Json.Serialization;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// An entry as anybody may see it: named by its number, a worker as the one account of all workers with a commitment,
/// the time of pay cut to the hour, the key as a code that only the log can make. Nothing in it names an assignment or a worker.
/// </summary>
internal sealed record PublicEntry
{
    public required long Number { get; init; }
    public required string Kind { get; init; }

    /// <summary>When it was written, in UTC. Of an assignment's pay the hour only.</summary>
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
    public bool HasOnlyItsHour => IsShownByTheHour(Kind);

    /// <summary>The instant that may be shown of an entry of this kind.</summary>
    internal static DateTimeOffset Shown(string kind, DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return IsShownByTheHour(kind) ? new DateTimeOffset(utc.Year, utc.Month, utc.Day, utc.Hour, 0, 0, TimeSpan.Zero) : utc;
    }

    // A requester knows when each answer came: with the second of its pay it would know what each person earned.
    private static bool IsShownByTheHour(string kind) => kind == EntryKind.AssignmentPaid;
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
}
