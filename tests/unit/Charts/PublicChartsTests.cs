using Marketplace.Payment.Charts;
using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Charts;

public sealed class PublicChartsTests
{
    private const int Fewest = LedgerFigures.FewestPeople;
    private static readonly DateOnly Day = new(2026, 11, 19);

    [Fact]
    public void Days_of_few_people_are_one_with_those_after_and_everybody_is_counted_once()
    {
        Guid[] same = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        var periods = PayPeriod.OfEnough([Few(0, same), Few(1, same), Few(2, [.. same[..3], Guid.NewGuid()]), Many(3, 9), Few(4, same)], Fewest);

        Assert.Equal([(Day, Day.AddDays(2), 3L, 5L), (Day.AddDays(3), Day.AddDays(4), 2, 9)], periods.Select(p => (p.From, p.To, p.Assignments, p.People)));
        Assert.Equal(5 * 100, periods.Sum(p => p.PayMicros));
    }

    [Fact]
    public void Four_people_over_many_days_are_still_four()
    {
        Guid[] four = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        Assert.Empty(PayPeriod.OfEnough([.. Enumerable.Range(0, 20).Select(day => Few(day, four))], Fewest));
    }

    [Fact]
    public void Below_five_people_there_is_no_chart_at_all()
    {
        Guid[] four = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        var charts = PublicCharts.Of([Few(0, four)], [Few(0, four)], [(3, 30), (1, 10), (0, 0), (0, 0)], [new() { Places = 1, People = 3 }, new() { Places = 2, People = 1 }], 4, Fewest);
        Assert.Equal((0, null, 0), (charts.Periods.Count, charts.Whole, charts.Payouts.Count));
    }

    [Fact]
    public void Days_are_shown_while_all_of_it_is_within_them_and_months_after()
    {
        var months = new[] { Many(0, 9), Many(31, 9) };
        Assert.Equal(2, PublicCharts.Of([Many(0, 9), Many(1, 9)], [Many(0, 9), Many(31, 9)], [], [], 9, Fewest).Periods.Count);
        Assert.Equal(months.Select(m => m.From), PublicCharts.Of([Many(31, 9)], months, [], [], 9, Fewest).Periods.Select(p => p.From));
    }

    [Fact]
    public void States_of_few_peoples_payouts_are_named_together()
    {
        var states = PayoutState.OfEnough([(20, 200), (6, 60), (1, 10), (0, 0)], [new() { Places = 0b0001, People = 12 }, new() { Places = 0b0011, People = 5 }, new() { Places = 0b0100, People = 1 }], Fewest);
        Assert.Equal([("Arrived", 20L, 200L), ("On the way, did not leave", 7, 70)], states.Select(s => (s.Name, s.Payouts, s.AmountMicros)));
    }

    private static PayPeriod Few(int day, Guid[] who) => Many(day, who.Length) with { Few = who };

    private static PayPeriod Many(int day, long people) => new()
    {
        From = Day.AddDays(day),
        To = Day.AddDays(day),
        Assignments = 1,
        RewardMicros = 60,
        TopUpMicros = 40,
        FeeMicros = 18,
        LevyMicros = 2,
        People = people,
    };
}
