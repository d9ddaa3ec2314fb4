using Marketplace.PayRule;
using Marketplace.Worker.Earnings;

namespace Marketplace.Worker.Jobs;

/// <summary>What a signed-in worker's first page shows.</summary>
internal sealed record HomePage
{
    public required IReadOnlyList<OfferedJob> Jobs { get; init; }
    public required JobOrder Order { get; init; }

    /// <summary>When what is left of each job is counted next; null where it is counted as it changes.</summary>
    public required DateTimeOffset? NextCountAt { get; init; }

    /// <summary>The task that is open, whatever job it is of.</summary>
    public required OpenTask? Open { get; init; }

    /// <summary>What was earned since the day began.</summary>
    public required DaySum Today { get; init; }

    /// <summary>Time credited in the last 24 hours, and what is left of the allowance.</summary>
    public required AllowanceNow Allowance { get; init; }

    /// <summary>The policy in force; null until payment has announced one.</summary>
    public required PayPolicy? Policy { get; init; }

    /// <summary>Whether the time credited in 24 hours lets the person claim on.</summary>
    internal bool DayIsFull => Policy is not null && !PayRule.Allowance.MayClaim(Policy, new(Allowance.CreditedMs));
}

/// <summary>An assignment that is open.</summary>
internal sealed record OpenTask
{
    public required Guid AssignmentId { get; init; }
    public required string Title { get; init; }
    public required DateTimeOffset LeaseUntil { get; init; }
}
