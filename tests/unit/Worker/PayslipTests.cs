using Marketplace.Worker.Earnings;

namespace Marketplace.UnitTests.Worker;

public class PayslipTests
{
    private static readonly DateTimeOffset Claimed = new(2026, 11, 19, 10, 40, 0, TimeSpan.Zero);
    private static readonly PayPolicy Policy = PayPolicy.Default(3, Claimed.AddDays(-9));

    [Fact]
    public void A_slow_answer_shows_what_the_floor_added()
    {
        var line = Line("submitted", wallMs: 41_200, activeMs: 41_200);
        Assert.Equal((125_000, 46_667, 171_667), (line.Reward.Micros, line.TopUp.Micros, line.Pay.Micros));
        Assert.Equal(15_000_029, line.PerHour!.Value.Micros);
        Assert.Equal(Duration.Zero, line.NotCredited);
    }

    [Theory]
    [InlineData("submitted", 200_000, 200_000, 0, 300_000)]
    [InlineData("submitted", 204_000, 72_000, 20_000, 300_000)]
    [InlineData("returned", 12_000, 12_000, 0, 300_000)]
    [InlineData("returned", 48_000, 48_000, 0, 10_000)]
    [InlineData("expired", 600_000, 40_000, 0, 300_000)]
    [InlineData("broken", 90_000, 35_000, 0, 0)]
    public void Every_millisecond_between_claim_and_end_is_credited_or_has_a_reason(string end, long wallMs, long activeMs, long askedMs, long leftMs)
    {
        var line = Line(end, wallMs, activeMs, askedMs, leftMs);
        Assert.Equal(wallMs, (line.Credited + line.NotCredited).Ms);
        Assert.True(line.Credited == Duration.Zero || line.PerHour >= Policy.FloorPerHour);
    }

    [Fact]
    public void What_payment_settled_is_what_counts()
    {
        var line = Line("submitted", 20_000, 20_000, settled: (130_000, 5_000, 24_000));
        Assert.Equal((130_000, 5_000, 24_000), (line.Reward.Micros, line.TopUp.Micros, line.Credited.Ms));
    }

    [Fact]
    public void The_last_line_adds_up_to_the_digit()
    {
        var slip = new Payslip(new(2026, 11, 19), [Line("submitted", 41_200, 41_200), Line("submitted", 24_100, 24_100), Line("returned", 48_000, 48_000)]);
        Assert.Equal((250_000, 246_667, 496_667), (slip.Reward.Micros, slip.TopUp.Micros, slip.Pay.Micros));
        Assert.Equal(113_300, slip.Credited.Ms);
        Assert.Equal(3, slip.OnTheirWay);
    }

    private static PayslipLine Line(
        string end, long wallMs, long activeMs, long askedMs = 0, long leftMs = 300_000, (long Reward, long TopUp, long Credited)? settled = null) =>
        PayslipLine.Of(
            new()
            {
                AssignmentId = Guid.Empty,
                JobId = Guid.Empty,
                Title = "What would a wheelchair meet here?",
                End = end,
                ClaimedAt = Claimed,
                EndedAt = Claimed.AddMilliseconds(wallMs),
                PolicyVersion = Policy.Version,
                RewardMicros = 125_000,
                EstimateMs = 30_000,
                LimitMs = 150_000,
                ReadingMs = 0,
                IdleMs = 30_000,
                FirstOfJob = false,
                ActiveMs = activeMs,
                AskedMs = askedMs,
                UnseenMs = askedMs,
                AllowanceLeftMs = leftMs,
                IsSettled = settled is not null,
                EntryKey = null,
                SettledRewardMicros = settled?.Reward,
                SettledTopUpMicros = settled?.TopUp,
                SettledPayMicros = settled?.Reward + settled?.TopUp,
                SettledCreditedMs = settled?.Credited,
                Salt = null,
            },
            Policy);
}
