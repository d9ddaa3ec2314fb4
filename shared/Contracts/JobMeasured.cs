namespace Marketplace.Contracts;

/// <summary>
/// Payment → requester, worker: what a job's assignments took and paid, for the whole job only. First sent once five people
/// have worked, then when ten ends or more by five people or more came since the last time, and when the job is finished. Key: the job; a consumer keeps the
/// largest <see cref="Version"/> (the number of ends counted; finishing adds one). Money in micro-units, times in ms.
/// </summary>
public sealed record JobMeasured
{
    public required Guid JobId { get; init; }
    public required long Version { get; init; }
    public required int People { get; init; }
    public required long Submitted { get; init; }
    public required long Returned { get; init; }
    public required long Expired { get; init; }
    public required long Broken { get; init; }

    /// <summary>Pay of submitted assignments.</summary>
    public required long PaidSubmittedMicros { get; init; }

    /// <summary>Pay of returned, expired and broken assignments.</summary>
    public required long PaidUnsubmittedMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long CreditedMs { get; init; }

    /// <summary>Lower quartile, median and upper quartile of credited time over submitted assignments; empty while fewer than five people submitted.</summary>
    public required long[] CreditedQuartilesMs { get; init; }

    /// <summary>Lower median over workers of each worker's lower median credited time on submitted answers; null before the price sample (20 answers by 8 people).</summary>
    public required long? MeasuredMs { get; init; }

    /// <summary>Quartiles of hourly pay (pay ÷ credited, per assignment), micro-units an hour; empty while fewer than five people have any.</summary>
    public required long[] HourlyQuartilesMicros { get; init; }
    public required long? HourlyLowestMicros { get; init; }

    /// <summary>
    /// Assignments by hourly pay, in twelve bars: at the floor (lifted by a top-up), then one unit of currency an hour each above it, ten of
    /// them, then all beyond. Neighbours are put together until each group is of five people (<see cref="HourlyGroups"/>): all of a group
    /// stand at its first bar. Empty while fewer than five people have any.
    /// </summary>
    public required long[] HourlyHistogram { get; init; }

    /// <summary>How many bars of the histogram each group has, in order; a bar that nobody is in may be one by itself.</summary>
    public int[] HourlyGroups { get; init; } = [];
    /// <summary>
    /// The job is finished and was worked on by fewer than five people: only sums of money are told, since more would be one person's time.
    /// Ends without an answer, times, quartiles and hourly pay are then 0, null or empty, which means "not told".
    /// </summary>
    public bool MoneyOnly { get; init; }
    public required long EscrowMicros { get; init; }
    public required bool Finished { get; init; }
}
