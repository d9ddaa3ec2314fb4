namespace Marketplace.UnitTests.PayRule;

public sealed class PayPolicyTests
{
    private static readonly PayPolicy Default = PayPolicy.Default(3, new DateTimeOffset(2026, 11, 19, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public void The_default_policy_can_be_adopted() => Assert.Empty(Default.Validate());

    [Fact]
    public void A_policy_survives_its_event() => Assert.Equal(Default, PayPolicy.From(Default.ToEvent()));

    [Fact]
    public void Every_member_of_the_event_comes_from_its_member_of_the_policy() =>
        Samples.Policies.Sample(policy => PayPolicy.From(policy.ToEvent()) == policy);

    [Fact]
    public void A_wrong_parameter_is_named_with_what_it_accepts()
    {
        var wrong = (Default with { FloorPerHour = Money.Zero, FeeBps = 10_001, IdleMost = Duration.Seconds(10) }).Validate();

        Assert.Equal(
            [
                new WrongParameter("FloorPerHour", "1 to 10,000,000,000,000 micro-units an hour"),
                new WrongParameter("FeeBps", "0 to 10,000 basis points"),
                new WrongParameter("IdleMost", "30,000 to 3,600,000 ms"),
            ],
            wrong);
    }

    [Fact]
    public void Every_parameter_has_a_range()
    {
        var nothing = new PayPolicyAdopted
        {
            Version = -1, InForceFrom = default, FloorMicrosPerHour = -1, FeeBps = -1, LevyBps = -1, LimitLeastMs = -1, LimitFactor = -1,
            ReadingPerWordMs = -1, ReadingMostMs = -1, LeaseLeastMs = -1, EarliestSubmitDivisor = -1, IdleLeastMs = -1, IdleMostMs = -1,
            AllowanceBaseMs = -1, AllowanceShareBps = -1, GraceMs = -1, MostCreditedIn24hMs = -1, PriceSample = -1, PriceWorkers = -1,
            PriceBandBps = -1, PriceStepBps = -1, JobLifeMs = -1,
        };
        var parameters = typeof(PayPolicy).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Except([nameof(PayPolicy.InForceFrom)]);

        Assert.Equal(parameters.Order(), PayPolicy.From(nothing).Validate().Select(wrong => wrong.Parameter).Order());
    }
}
