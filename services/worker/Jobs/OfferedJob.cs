using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Worker.Jobs;

/// <summary>A job as it is offered to one worker: its terms, what it really paid and took, and what is left of it for this worker.</summary>
internal sealed record OfferedJob
{
    public required Guid JobId { get; init; }
    public required string Title { get; init; }
    public required string Question { get; init; }
    public required string RequesterName { get; init; }
    public required DateTimeOffset PostedAt { get; init; }
    public required JobTerms Terms { get; init; }

    /// <summary>What the job's assignments took and paid; null before five people have worked, and where only money is told.</summary>
    public required JobMeasured? Measured { get; init; }

    /// <summary>Tasks that this worker could claim at the last step, and has not had since, counted to <see cref="MostCounted"/>.</summary>
    public required int Left { get; init; }

    /// <summary>There is nothing to claim now, but more opens by itself as money comes back or is added.</summary>
    public required bool Waits { get; init; }

    /// <summary>Whether this worker has yet to submit a first answer: reading time is paid on top of the limit.</summary>
    public required bool First { get; init; }

    /// <summary>Counting stops here: a long list need not be exact.</summary>
    internal const int MostCounted = 1000;

    /// <summary>So many open tasks are kept from step to step: some more, so that who has had a few hundred of them still sees a thousand.</summary>
    internal const int MostKept = 1500;

    /// <summary>The most that one assignment is paid for.</summary>
    internal Duration PaidUpTo => Terms.Cap(First);

    /// <summary>Measured quartiles of hourly pay, or null.</summary>
    internal long[]? HourlyQuartiles => Measured is { HourlyQuartilesMicros: { Length: 3 } quartiles } ? quartiles : null;

    /// <summary>Measured quartiles of the time an answer took, or null.</summary>
    internal long[]? CreditedQuartiles => Measured is { CreditedQuartilesMs: { Length: 3 } quartiles } ? quartiles : null;

    /// <summary>The typical hourly pay: measured, else what the reward pays for the estimate, and never under the floor.</summary>
    internal long HourlyMicros => HourlyQuartiles?[1] ?? Math.Max(Terms.RewardPerHour.Micros, Terms.Policy.FloorPerHour.Micros);

    /// <summary>The typical time of one answer: measured, else estimated.</summary>
    internal long TypicalMs => CreditedQuartiles?[1] ?? Terms.Estimate.Ms;

    /// <summary>The jobs in the order a worker asked for; those that wait come last.</summary>
    internal static IReadOnlyList<OfferedJob> Sorted(IEnumerable<OfferedJob> jobs, JobOrder order)
    {
        var open = jobs.OrderBy(j => j.Left == 0);
        return order switch
        {
            JobOrder.Newest => [.. open.ThenByDescending(j => j.PostedAt)],
            JobOrder.Shortest => [.. open.ThenBy(j => j.TypicalMs).ThenByDescending(j => j.PostedAt)],
            _ => [.. open.ThenByDescending(j => j.HourlyMicros).ThenByDescending(j => j.PostedAt)],
        };
    }
}

/// <summary>What the list of jobs is ordered by.</summary>
internal enum JobOrder
{
    Pay,
    Newest,
    Shortest,
}
