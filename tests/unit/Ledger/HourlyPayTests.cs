using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Ledger;

public sealed class HourlyPayTests
{
    private const long Floor = 15_000_000;

    [Fact]
    public void Lifted_assignments_stand_at_the_floor_and_the_others_one_unit_apart()
    {
        var pay = HourlyPay.Of([Rate(1500, 40, lifted: true), Rate(1500, 3), Rate(1599, 2), Rate(1600, 5), Rate(2499, 7), Rate(2500, 1), Rate(90_000, 2)], []);

        Assert.Equal([40, 5, 5, 0, 0, 0, 0, 0, 0, 0, 7, 3], pay.Histogram);
        Assert.Equal(60, pay.Assignments);
        Assert.True(pay.OneFloor);
    }

    [Fact]
    public void Lowest_tenth_and_typical_are_rates_that_somebody_was_paid()
    {
        var pay = HourlyPay.Of([Rate(1700, 4), Rate(1500, 1, lifted: true), Rate(1600, 4), Rate(3000, 1)], []);

        Assert.Equal((15_000_000, 15_000_000, 16_000_000), (pay.LowestMicros, pay.LowestTenthMicros, pay.TypicalMicros));
        Assert.Equal(10 * 1000, pay.CreditedMs);
    }

    [Fact]
    public void Without_assignments_nothing_is_claimed()
    {
        var pay = HourlyPay.Of([], []);
        Assert.Equal((null, null, null, null), (pay.LowestMicros, pay.LowestTenthMicros, pay.TypicalMicros, pay.FloorMicrosPerHour));
    }

    [Fact]
    public void Where_the_floor_changed_each_stands_above_its_own()
    {
        var pay = HourlyPay.Of([Rate(1500, 5, lifted: true), Rate(1550, 1), Rate(1600, 2, lifted: true, floor: 16_000_000), Rate(1650, 1, floor: 16_000_000)], []);

        Assert.False(pay.OneFloor);
        Assert.Equal(Floor, pay.FloorMicrosPerHour);
        Assert.Equal([7, 2], pay.Histogram[..2]);
    }

    private static HourlyRate Rate(int hundredths, long assignments, bool lifted = false, long floor = Floor) => new()
    {
        FloorMicrosPerHour = floor,
        Hundredths = hundredths,
        Lifted = lifted,
        Assignments = assignments,
        CreditedMs = assignments * 1000,
    };
}
