namespace Marketplace.UnitTests.PayRule;

public sealed class CreditTests
{
    [Fact]
    public void Every_millisecond_between_claim_and_end_is_accounted_for() =>
        Samples.Ends.Sample(end =>
        {
            var credit = end.Pay.Credit;
            Duration[] parts = [credit.Credited, credit.OverLimit, credit.Silence, credit.UnderGrace, credit.OverAllowance];
            return parts.All(part => part >= Duration.Zero)
                && parts.Aggregate((a, b) => a + b) == end.Time.Wall
                && credit.Granted >= Duration.Zero && credit.Granted <= credit.Credited;
        });

    [Fact]
    public void Over_the_limit_is_what_was_active_beyond_limit_and_reading() =>
        Samples.Ends.Sample(end => end.Pay.Credit.OverLimit
            == Duration.Max(Duration.Zero, end.Time.Active - end.Terms.Cap(end.Time.FirstOfJob)));

    [Fact]
    public void Never_more_is_used_of_the_allowance_than_is_left() =>
        Samples.Ends.Sample(end => end.Pay.Credit.AllowanceUsed <= end.Time.AllowanceLeft);

    [Fact]
    public void Active_time_up_to_the_limit_of_an_answer_is_always_credited() =>
        Samples.Ends.Where(end => end.Kind == CreditKind.Submitted).Sample(end =>
            end.Pay.Credit.Credited >= Duration.Min(end.Time.Active, end.Terms.Limit));

    [Fact]
    public void Reading_time_counts_until_a_first_answer_of_the_job()
    {
        var terms = Samples.Simple with { Reading = Duration.Seconds(30) };
        var time = new TimeSpent { Wall = Duration.Seconds(80), Active = Duration.Seconds(80), AllowanceLeft = Duration.Zero, FirstOfJob = true };

        Assert.Equal(Duration.Seconds(80), Credit.Of(terms, CreditKind.Submitted, time).Credited);
        Assert.Equal(Duration.Seconds(60), Credit.Of(terms, CreditKind.Submitted, time with { FirstOfJob = false }).Credited);
        Assert.Equal(Duration.Seconds(20), Credit.Of(terms, CreditKind.Submitted, time with { FirstOfJob = false }).OverLimit);
    }

    [Fact]
    public void A_short_try_is_under_the_grace_and_a_longer_one_may_be_over_the_allowance()
    {
        var time = new TimeSpent { Wall = Duration.Seconds(50), Active = Duration.Seconds(29), AllowanceLeft = Duration.Seconds(10), FirstOfJob = false };
        var tried = Credit.Of(Samples.Simple, CreditKind.Unsubmitted, time);
        Assert.Equal((Duration.Zero, Duration.Seconds(29), Duration.Seconds(21)), (tried.Credited, tried.UnderGrace, tried.Silence));

        var longer = Credit.Of(Samples.Simple, CreditKind.Unsubmitted, time with { Active = Duration.Seconds(40) });
        Assert.Equal((Duration.Seconds(10), Duration.Seconds(30), Duration.Seconds(10)), (longer.Credited, longer.OverAllowance, longer.Silence));
    }

    [Theory]
    [InlineData(AssignmentEnd.Submitted, CreditKind.Submitted)]
    [InlineData(AssignmentEnd.Returned, CreditKind.Unsubmitted)]
    [InlineData(AssignmentEnd.Expired, CreditKind.Unsubmitted)]
    [InlineData(AssignmentEnd.Broken, CreditKind.Unsubmitted)]
    public void Each_end_has_its_kind_of_credit(AssignmentEnd end, CreditKind kind) => Assert.Equal(kind, Credit.KindOf(end));

    [Fact]
    public void Times_that_cannot_be_are_refused()
    {
        var time = new TimeSpent { Wall = Duration.Seconds(5), Active = Duration.Seconds(6), AllowanceLeft = Duration.Zero, FirstOfJob = false };
        Assert.Throws<ArgumentOutOfRangeException>(() => Credit.Of(Samples.Simple, CreditKind.Submitted, time));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credit.Of(Samples.Simple, CreditKind.Submitted, time with { Active = new Duration(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credit.KindOf(0));
    }
}
