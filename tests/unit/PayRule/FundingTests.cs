namespace Marketplace.UnitTests.PayRule;

public sealed class FundingTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => CaseFile.Names("funding.csv");

    [Theory, MemberData(nameof(Cases))]
    public void Funds_as_the_case_says(string name)
    {
        var row = CaseFile.Row("funding.csv", name);
        var funded = Funding.Funded(
            row.Number("ended"), row.Money("escrow_micros"), row.Money("contest_holds_micros"), row.Money("worst_case_micros"));

        Assert.Equal(row.Number("funded"), funded);
        Assert.Equal(row.Number("may_claim"), Funding.MayClaim(funded, row.Number("ended") + row.Number("open_claims")));
    }

    [Fact]
    public void No_claim_is_ever_without_its_money_whatever_is_lost_late_doubled_or_reordered() =>
        Gen.Select(Gen.Int, Gen.Long[1, 1000], Gen.Long[0, 20_000]).Sample((seed, worst, budget) =>
            new FundedJob(seed, new Money(worst), new Money(budget)).KeepsItsPromise(steps: 200));

    [Fact]
    public void Counting_ends_that_payment_has_not_settled_would_leave_claims_without_money()
    {
        // The obvious rule, "completed + what the escrow I heard of allows": the schedules above must be able to tell.
        var broken = Enumerable.Range(0, 300).Count(seed =>
            !new FundedJob(seed, new Money(100), new Money(1000)) { CountsUnsettledEnds = true }.KeepsItsPromise(steps: 200));

        Assert.True(broken > 100, $"only {broken} of 300 schedules broke the obvious rule");
    }

    [Fact]
    public void Money_that_is_not_there_funds_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Funding.Funded(0, new Money(10), new Money(11), new Money(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Funding.Funded(0, new Money(10), Money.Zero, Money.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => Funding.Funded(-1, new Money(10), Money.Zero, new Money(5)));
        Assert.Equal(0, Funding.Funded(0, Money.Zero, Money.Zero, new Money(5)));
    }
}
