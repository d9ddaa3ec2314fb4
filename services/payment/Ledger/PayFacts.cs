using System.Text.Json.Serialization;
using Marketplace.Contracts;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// What an assignment's pay was computed from, and what came out: enough for anybody to compute it again. How the credited time followed from
/// the person's day is public only of entries whose leaf is of version 1; of later ones it is a commitment. Money in micro-units, times in ms.
/// </summary>
internal sealed record PayFacts
{
    public required AssignmentEnd End { get; init; }
    public required int TermsVersion { get; init; }

    /// <summary>The reward of those terms, whether or not it was earned.</summary>
    public required long RewardMicros { get; init; }

    /// <summary>Null, as the three after it, where the leaf is of a later version than 1.</summary>
    public required long? ActiveMs { get; init; }

    /// <summary>What the worker asked for beyond what the server saw, as far as there was time for it.</summary>
    public required long? UnseenMs { get; init; }
    public required long? AllowanceLeftMs { get; init; }
    public required bool? FirstOfJob { get; init; }

    /// <summary>The commitment to <see cref="DayFacts"/>, in hex; null where the leaf is of version 1, which has them itself.</summary>
    public required string? Facts { get; init; }
    public required long LimitMs { get; init; }

    /// <summary>Reading time of the job's instructions; it counts only in a worker's first assignment of the job.</summary>
    public required long ReadingMs { get; init; }
    public required long CreditedMs { get; init; }
    public required long FloorMicrosPerHour { get; init; }

    /// <summary>Fee and levy of the policy that it names; null only if there is no such policy, which is a fault.</summary>
    public required int? FeeBps { get; init; }
    public required int? LevyBps { get; init; }
    public required int PolicyVersion { get; init; }
    public required long OwedMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long PayMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }

    [JsonIgnore]
    public bool Submitted => End == AssignmentEnd.Submitted;

    /// <summary>The most time that could be credited: the limit, and the reading time in a first assignment; null where it is not public whether it was one.</summary>
    public long? CapMs => FirstOfJob is { } first ? LimitMs + (first ? ReadingMs : 0) : null;

    /// <summary>The reward that counts: only an answer earns it.</summary>
    public long CountedMicros => Submitted ? RewardMicros : 0;

    /// <summary>
    /// All time that the server saw or the worker asked for and that was not credited, by reason. With the credited time it adds up to active and
    /// asked. Empty where those are not public.
    /// </summary>
    public IReadOnlyList<UncreditedTime> Uncredited() =>
        (ActiveMs, UnseenMs, AllowanceLeftMs, CapMs) is ({ } active, { } unseen, { } allowance, { } cap) ? Uncredited(active, unseen, allowance, cap) : [];

    private IReadOnlyList<UncreditedTime> Uncredited(long active, long unseen, long allowance, long cap)
    {
        var overCap = Math.Max(0, active - cap);
        var underCap = Math.Min(active, cap);
        var parts = Submitted
            ? new UncreditedTime[]
            {
                new(UncreditedReason.OverLimit, overCap),
                AskedButNotCredited(unseen - (CreditedMs - underCap), cap - CreditedMs),
            }
            : [
                new(UncreditedReason.OverLimit, CreditedMs == 0 && allowance > 0 ? 0 : overCap),
                CreditedMs == 0 && allowance > 0
                    ? new(UncreditedReason.Grace, active)
                    : new(UncreditedReason.Allowance, underCap - CreditedMs),
                new(UncreditedReason.NoAnswer, unseen),
            ];
        return [.. parts.Where(p => p.Ms > 0)];
    }

    private static UncreditedTime AskedButNotCredited(long ms, long roomMs) =>
        new(roomMs <= 0 ? UncreditedReason.AskedOverLimit : UncreditedReason.Allowance, ms);
}

/// <summary>Time not credited, with the reason.</summary>
internal sealed record UncreditedTime(UncreditedReason Reason, long Ms);

/// <summary>Why time was not credited.</summary>
internal enum UncreditedReason
{
    /// <summary>Work beyond the shown limit (and reading time).</summary>
    OverLimit,

    /// <summary>Asked for, but the limit was reached already.</summary>
    AskedOverLimit,

    /// <summary>The worker's allowance for time without an answer, or asked for, was used up.</summary>
    Allowance,

    /// <summary>Shorter than the grace of an end without an answer.</summary>
    Grace,

    /// <summary>Asked for in an assignment that ended without an answer.</summary>
    NoAnswer,
}
