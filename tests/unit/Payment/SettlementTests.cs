using Marketplace.Payment.Settlement;
using Marketplace.UnitTests.PayRule;

namespace Marketplace.UnitTests.Payment;

public sealed class SettlementTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 19, 9, 0, 0, TimeSpan.Zero);

    private static readonly TaskCompleted Slow = new()
    {
        AssignmentId = Guid.Parse("0198b1c2-0000-7000-8000-00000000000a"),
        JobId = Guid.Parse("0198b1c2-0000-7000-8000-00000000000b"),
        WorkerId = Guid.Parse("0198b1c2-0000-7000-8000-00000000000c"),
        End = AssignmentEnd.Submitted,
        TermsVersion = 1,
        ClaimedAt = Start,
        EndedAt = Start.AddSeconds(21),
        ActiveMs = 21_000,
        UnseenMs = 0,
        AllowanceLeftMs = 300_000,
        FirstOfJob = false,
    };

    [Fact]
    public void A_slow_worker_is_topped_up_to_the_floor()
    {
        var settled = Settlement.Of(Slow, Samples.Simple, new Money(300_000));

        Assert.Equal("submitted", settled.Ended);
        Assert.Equal((37_500, 50_000, 87_500), (settled.CountedMicros, settled.TopUpMicros, settled.PayMicros));
        Assert.Equal((15_750, 1_750, 105_000), (settled.FeeMicros, settled.LevyMicros, settled.ChargedMicros));
        Assert.Equal(0, settled.ShortfallMicros);
    }

    [Fact]
    public void A_settlement_holds_all_that_its_pay_was_computed_from()
    {
        var settled = Settlement.Of(Slow with { UnseenMs = 4_000, ActiveMs = 17_000 }, Samples.Simple, new Money(300_000));

        var again = Pay.Of(
            Samples.Simple with { Reward = new Money(settled.RewardMicros), Limit = new Duration(settled.LimitMs), Reading = new Duration(settled.ReadingMs) },
            CreditKind.Submitted,
            new TimeSpent
            {
                Wall = Duration.Between(settled.ClaimedAt, settled.EndedAt),
                Active = new Duration(settled.ActiveMs),
                Asked = new Duration(settled.UnseenMs),
                AllowanceLeft = new Duration(settled.AllowanceLeftMs),
                FirstOfJob = settled.FirstOfJob,
            });
        Assert.Equal(settled.PayMicros, again.Amount.Micros);
        Assert.Equal(4_000, settled.AllowanceUsedMs);
        Assert.Null(Settlement.Difference(Slow with { UnseenMs = 4_000, ActiveMs = 17_000 }, settled.End()));
    }

    [Fact]
    public void A_worker_is_paid_even_if_the_escrow_were_short()
    {
        var settled = Settlement.Of(Slow, Samples.Simple, new Money(100_000));
        Assert.Equal((87_500, 105_000, 5_000), (settled.PayMicros, settled.ChargedMicros, settled.ShortfallMicros));
    }

    [Theory]
    [InlineData(AssignmentEnd.Returned)]
    [InlineData(AssignmentEnd.Expired)]
    [InlineData(AssignmentEnd.Broken)]
    public void An_end_without_an_answer_has_no_reward_and_no_fee(AssignmentEnd end)
    {
        var settled = Settlement.Of(Slow with { End = end, ActiveMs = 40_000, EndedAt = Start.AddSeconds(40) }, Samples.Simple, new Money(300_000));
        Assert.Equal((0, 166_667, 0, 0), (settled.CountedMicros, settled.PayMicros, settled.FeeMicros, settled.LevyMicros));
        Assert.Equal(40_000, settled.AllowanceUsedMs);
    }

    [Fact]
    public void Times_that_contradict_each_other_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Settlement.Of(Slow with { ActiveMs = 21_001 }, Samples.Simple, Money.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Settlement.Of(Slow with { ActiveMs = -1 }, Samples.Simple, Money.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Settlement.Of(Slow with { UnseenMs = -1 }, Samples.Simple, Money.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Settlement.Of(Slow with { AllowanceLeftMs = -1 }, Samples.Simple, Money.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Settlement.Of(Slow with { EndedAt = Start.AddSeconds(-1), ActiveMs = 0 }, Samples.Simple, Money.Zero));
    }

    [Fact]
    public void Two_messages_about_one_assignment_that_differ_are_told_apart_by_field()
    {
        Assert.Null(Settlement.Difference(Slow, Slow with { EndedAt = Slow.EndedAt.ToOffset(TimeSpan.FromHours(1)) }));
        Assert.Equal("WorkerId", Settlement.Difference(Slow, Slow with { WorkerId = Guid.Empty }));
        Assert.Equal("End", Settlement.Difference(Slow, Slow with { End = AssignmentEnd.Returned }));
        Assert.Equal("ActiveMs", Settlement.Difference(Slow, Slow with { ActiveMs = 20_999 }));
        Assert.Equal("FirstOfJob", Settlement.Difference(Slow, Slow with { FirstOfJob = true }));
    }
}
