namespace Marketplace.UnitTests.PayRule;

public sealed class JobCostTests
{
    [Fact]
    public void A_requester_sees_cost_budget_and_the_most()
    {
        var policy = PayPolicy.Default(1, default);
        var terms = JobTerms.Resolve(policy, new Money(125_000), Duration.Seconds(30), Duration.Seconds(150), 18).Terms!;

        var cost = JobCost.Of(terms, 1797);

        Assert.Equal(new Money(224_625_000), cost.Pay);
        Assert.Equal(new Money(40_432_500), cost.Fee);
        Assert.Equal(new Money(4_492_500), cost.Levy);
        Assert.Equal(new Money(269_550_000), cost.Expected);
        Assert.Equal(new Money(777_000), cost.Worst);
        Assert.Equal(new Money(339_000_000), cost.SuggestedBudget);
        Assert.Equal(new Money(1_396_270_000), cost.NeverMoreThan);
    }

    [Fact]
    public void A_small_job_asks_for_no_more_than_it_can_cost()
    {
        var cost = JobCost.Of(Samples.Simple, 6);
        Assert.Equal(new Money(1_800_000), cost.NeverMoreThan);
        Assert.Equal(cost.NeverMoreThan, cost.SuggestedBudget);
    }

    [Fact]
    public void Measured_time_corrects_what_is_expected()
    {
        var cost = JobCost.Of(Samples.Simple, 10, Duration.Seconds(21));
        Assert.Equal(new Money(875_000), cost.Pay);
        Assert.Equal(10 * Samples.Simple.WorstPay, JobCost.Of(Samples.Simple, 10, Duration.Seconds(900)).Pay);
    }

    [Fact]
    public void A_suggested_budget_is_whole_cents_funds_twenty_claims_or_all_and_is_never_more_than_the_most() =>
        Gen.Select(Samples.Terms.Where(terms => terms.Worst.Micros < 1_000_000_000_000), Gen.Long[0, 100_000]).Sample((terms, answers) =>
        {
            var cost = JobCost.Of(terms, answers);
            return cost.SuggestedBudget.Micros % 10_000 == 0 && cost.NeverMoreThan.Micros % 10_000 == 0
                && cost.NeverMoreThan >= cost.Expected
                && cost.SuggestedBudget <= cost.NeverMoreThan
                && Funding.Funded(0, cost.SuggestedBudget, Money.Zero, terms.Worst) >= Math.Min(20, answers);
        });
}
