namespace Marketplace.Payment.Charts;

/// <summary>What assignments paid in a day or a month, and how many people got it. In micro-units.</summary>
internal sealed record PayPeriod
{
    /// <summary>The first day, in the installation's time zone.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The last day.</summary>
    public required DateOnly To { get; init; }
    public required long Assignments { get; init; }

    /// <summary>Pay by the piece.</summary>
    public required long RewardMicros { get; init; }

    /// <summary>What the floor added to it.</summary>
    public required long TopUpMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long People { get; init; }

    /// <summary>Who they are, where they are fewer than may be shown alone; for counting them together with their neighbours, never shown.</summary>
    public IReadOnlyList<Guid> Few { get; init; } = [];

    public long PayMicros => RewardMicros + TopUpMicros;

    /// <summary>The periods in order, put together until each is of enough people.</summary>
    internal static IReadOnlyList<PayPeriod> OfEnough(IReadOnlyList<PayPeriod> periods, int fewest) =>
    [
        .. Groups.OfEnough(periods.Count, place => periods[place].Assignments == 0, group => PeopleIn(periods, group), fewest)
            .Select(group => Together([.. periods.Skip(group.From).Take(group.Places)], PeopleIn(periods, group))),
    ];

    /// <summary>At least so many: those of the largest period, or all that are known by name.</summary>
    private static long PeopleIn(IReadOnlyList<PayPeriod> periods, Group group)
    {
        var of = periods.Skip(group.From).Take(group.Places).ToList();
        return Math.Max(of.Max(p => p.People), of.SelectMany(p => p.Few).Distinct().Count());
    }

    private static PayPeriod Together(IReadOnlyList<PayPeriod> of, long people) => new()
    {
        From = of[0].From,
        To = of[^1].To,
        Assignments = of.Sum(p => p.Assignments),
        RewardMicros = of.Sum(p => p.RewardMicros),
        TopUpMicros = of.Sum(p => p.TopUpMicros),
        FeeMicros = of.Sum(p => p.FeeMicros),
        LevyMicros = of.Sum(p => p.LevyMicros),
        People = people,
    };
}
