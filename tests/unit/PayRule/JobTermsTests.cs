namespace Marketplace.UnitTests.PayRule;

public sealed class JobTermsTests
{
    private static readonly PayPolicy Policy = PayPolicy.Default(1, default);

    public static IEnumerable<TheoryDataRow<string>> Cases => CaseFile.Names("terms.csv");

    [Theory, MemberData(nameof(Cases))]
    public void Resolves_or_refuses_as_the_case_says(string name)
    {
        var row = CaseFile.Row("terms.csv", name);
        var decision = JobTerms.Resolve(
            Policy, row.Money("reward_micros"), row.TimeOrNone("estimate_ms"), row.TimeOrNone("time_limit_ms"), (int)row.Number("words"));

        if (row.Has("refused"))
        {
            Assert.False(decision.Accepted);
            Assert.Equal(row.Text("refused"), InCaseWords(decision.Refusal));
            return;
        }

        Assert.True(decision.Accepted);
        var terms = decision.Terms;
        Assert.Equal(row.Time("out_estimate_ms"), terms.Estimate);
        Assert.Equal(row.Time("out_limit_ms"), terms.Limit);
        Assert.Equal(row.Time("idle_ms"), terms.Idle(null));
        Assert.Equal(row.Time("dwell_ms"), terms.EarliestSubmit(null));
        Assert.Equal(row.Time("reading_ms"), terms.Reading);
        Assert.Equal(row.Time("lease_ms"), terms.Lease);
        Assert.Equal(row.Money("worst_case_micros"), terms.Worst);
    }

    [Fact]
    public void A_refusal_says_what_would_be_accepted()
    {
        Assert.Equal(
            "0.05 EUR for 30 s is 6.00 EUR/h; the floor of 15.00 EUR/h needs at least 0.125 EUR",
            Refused(50_000, 30_000, null).Why("EUR"));
        Assert.Equal(
            "The time limit must be 150 s to 300 s for this estimate; 60 s was given.",
            Refused(125_000, 30_000, 60_000).Why("EUR"));
        Assert.Equal("A reward is at least 0.000001 EUR.", Refused(-5, 30_000, null).Why("EUR"));
        Assert.Equal("A reward is at most 1,000.00 EUR.", Refused(long.MaxValue, 30_000, null).Why("EUR"));
        Assert.Equal("An estimate is 1 s to 14,400 s; 0.999 s was given.", Refused(125_000, 999, null).Why("EUR"));
        Assert.Equal("An estimate is 1 s to 14,400 s; 14,400.001 s was given.", Refused(125_000, 14_400_001, null).Why("EUR"));
    }

    [Fact]
    public void A_rate_just_under_the_floor_does_not_read_as_the_floor() =>
        Assert.StartsWith("0.124999 EUR for 30 s is 14.99 EUR/h;", Refused(124_999, 30_000, null).Why("EUR"), StringComparison.Ordinal);

    [Fact]
    public void The_least_reward_that_a_refusal_names_is_accepted_and_one_less_is_not() =>
        Gen.Select(Gen.Long[1000, 4 * 3_600_000], Gen.Long[1, 60_000_000]).Sample((estimateMs, floor) =>
        {
            var policy = Policy with { FloorPerHour = new Money(floor) };
            var estimate = new Duration(estimateMs);
            var least = JobTerms.LeastReward(policy, estimate);
            var under = least.Micros == 1 || JobTerms.Resolve(policy, least - new Money(1), estimate, null, 0).Refusal
                is RewardUnderFloor refusal && refusal.Least == least;
            return under && JobTerms.Resolve(policy, least, estimate, null, 0).Accepted;
        });

    [Fact]
    public void The_limits_that_a_refusal_names_are_accepted_and_those_beyond_are_not() =>
        Gen.Long[1000, 4 * 3_600_000].Sample(estimateMs =>
        {
            var estimate = new Duration(estimateMs);
            var reward = JobTerms.LeastReward(Policy, estimate);
            var (shortest, longest) = JobTerms.LimitRange(Policy, estimate);
            bool Accepts(Duration limit) => JobTerms.Resolve(Policy, reward, estimate, limit, 0).Accepted;
            var one = new Duration(1);
            return Accepts(shortest) && Accepts(longest) && !Accepts(shortest - one) && !Accepts(longest + one);
        });

    [Fact]
    public void Without_an_estimate_a_reward_is_refused_only_if_it_does_not_pay_one_second() =>
        Gen.OneOf(Gen.Long[1, 10_000], Gen.Long[1, 1_000_000_000]).Sample(reward =>
            JobTerms.Resolve(Policy, new Money(reward), null, null, 0).Accepted == reward >= 4167);

    [Fact]
    public void A_large_reward_implies_four_hours_at_most() =>
        Assert.Equal(Duration.Seconds(4 * 3600), JobTerms.Resolve(Policy, JobTerms.RewardMost, null, null, 0).Terms!.Estimate);

    [Fact]
    public void A_click_through_earns_at_most_the_divisor_times_the_rate() =>
        Samples.Terms.Sample(terms =>
            (terms.EarliestSubmit(null).Ms + 1) * terms.Policy.EarliestSubmitDivisor > terms.Estimate.Ms);

    [Theory]
    [InlineData(9_000, 20_000, 30_000, 2_250)]
    [InlineData(9_000, 50_000, 50_000, 2_250)]
    [InlineData(9_000, 500_000, 120_000, 2_250)]
    [InlineData(90_000, 40_000, 90_000, 10_000)]
    public void Measured_time_moves_the_idle_limit_up_and_the_earliest_submit_down(
        long estimateMs, long measuredMs, long idleMs, long earliestMs)
    {
        var terms = Samples.Simple with { Estimate = new Duration(estimateMs) };
        Assert.Equal(new Duration(idleMs), terms.Idle(new Duration(measuredMs)));
        Assert.Equal(new Duration(earliestMs), terms.EarliestSubmit(new Duration(measuredMs)));
    }

    private static TermsRefusal Refused(long rewardMicros, long estimateMs, long? limitMs) =>
        JobTerms.Resolve(Policy, new Money(rewardMicros), new Duration(estimateMs), limitMs is { } ms ? new Duration(ms) : null, 0).Refusal!;

    private static string InCaseWords(TermsRefusal refusal) => refusal switch
    {
        RewardUnderFloor under => $"reward below the floor for its estimate; at least {under.Least.Micros}",
        LimitOutOfRange limit => $"time limit must be {limit.Least.Ms} to {limit.Most.Ms} ms",
        RewardOutOfRange reward => $"a reward is at least {reward.Least.Micros} micro-unit",
        _ => refusal.Why("EUR"),
    };
}
