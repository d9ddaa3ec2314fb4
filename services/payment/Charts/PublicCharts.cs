namespace Marketplace.Payment.Charts;

/// <summary>What the charts of the public ledger show: nothing of fewer people than may be shown. In micro-units.</summary>
internal sealed record PublicCharts
{
    /// <summary>More days than this are shown as months.</summary>
    internal const int MostDays = 31;

    /// <summary>Pay over time: days of the last month, or months; in order.</summary>
    public required IReadOnlyList<PayPeriod> Periods { get; init; }

    /// <summary>All that was ever paid, as one period; null while it is of too few people.</summary>
    public required PayPeriod? Whole { get; init; }
    public required IReadOnlyList<PayoutState> Payouts { get; init; }

    /// <summary>The charts of days and months, both in order, of payouts by state and of the people in them.</summary>
    internal static PublicCharts Of(
        IReadOnlyList<PayPeriod> days,
        IReadOnlyList<PayPeriod> months,
        IReadOnlyList<(long Payouts, long AmountMicros)> payouts,
        IReadOnlyList<PeopleByPlaces> paidOut,
        long people,
        int fewest)
    {
        // All pay in one: of as many people as were ever paid.
        var whole = months.Count == 0 || people < fewest ? null : PayPeriod.OfEnough([Sum(months, people)], fewest).SingleOrDefault();
        // All of it within the days that are at hand.
        var young = months.Sum(m => m.Assignments) == days.Sum(d => d.Assignments);
        return new()
        {
            Periods = people < fewest ? [] : PayPeriod.OfEnough(young ? days : months, fewest),
            Whole = whole,
            Payouts = PayoutState.OfEnough(payouts, paidOut, fewest),
        };
    }

    private static PayPeriod Sum(IReadOnlyList<PayPeriod> months, long people) => new()
    {
        From = months[0].From,
        To = months[^1].To,
        Assignments = months.Sum(m => m.Assignments),
        RewardMicros = months.Sum(m => m.RewardMicros),
        TopUpMicros = months.Sum(m => m.TopUpMicros),
        FeeMicros = months.Sum(m => m.FeeMicros),
        LevyMicros = months.Sum(m => m.LevyMicros),
        People = people,
    };
}
