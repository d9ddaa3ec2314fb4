using Marketplace.PayRule;

namespace Marketplace.Worker.Earnings;

/// <summary>What a worker's assignments that ended on one day add up to: by payment's entries, and by our own sums where an entry is still on its way. Money in micro-units, times in ms.</summary>
internal sealed record DaySum
{
    public required DateOnly Day { get; init; }
    public required int Assignments { get; init; }
    public required long RewardMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long PayMicros { get; init; }
    public required long CreditedMs { get; init; }

    /// <summary>Pay for the time credited, an hour; null where no time was credited.</summary>
    public long? HourlyMicros => CreditedMs > 0 ? JobTerms.HourlyRate(new(PayMicros), new(CreditedMs)).Micros : null;
}

/// <summary>A worker's last 24 hours under the policy in force: what was credited, and what is left for time without an answer. Times in ms.</summary>
internal sealed record AllowanceNow
{
    public required long CreditedMs { get; init; }
    public required long SubmittedMs { get; init; }

    /// <summary>Base and share of submitted time, before anything is used; 0 without a policy.</summary>
    public required long WholeMs { get; init; }
    public required long UsedMs { get; init; }
    public required long LeftMs { get; init; }
}

/// <summary>One end that used up allowance.</summary>
internal sealed record AllowanceUse
{
    public required DateTimeOffset EndedAt { get; init; }
    public required string End { get; init; }
    public required long UsedMs { get; init; }
}
