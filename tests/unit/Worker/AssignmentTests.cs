using Marketplace.UnitTests.PayRule;
using Marketplace.Worker.Assignments;

namespace Marketplace.UnitTests.Worker;

public sealed class AssignmentTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 19, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_claim_fixes_everything_that_its_pay_depends_on()
    {
        var claim = Claim(measured: Duration.Seconds(45));

        Assert.Equal(Samples.Simple, claim.Terms(Samples.Simple.Policy));
        Assert.Equal((45_000, 2_250, Start.AddMinutes(10)), (claim.IdleMs, claim.EarliestSubmitMs, claim.LeaseUntil));
        Assert.True(claim.IsOpen);
    }

    [Fact]
    public void The_end_by_a_worker_is_a_contact_and_an_expiry_is_not()
    {
        var claim = Claim(measured: null) with { ActiveMs = 10_000, LastContactAt = Start.AddSeconds(10) };
        var end = Start.AddSeconds(25);

        Assert.Equal(Duration.Seconds(25), claim.TimeAt(end, AssignmentEnd.Submitted, Duration.Zero, Duration.Zero).Active);
        Assert.Equal(Duration.Seconds(25), claim.TimeAt(end, AssignmentEnd.Returned, Duration.Zero, Duration.Zero).Active);
        Assert.Equal(Duration.Seconds(10), claim.TimeAt(end, AssignmentEnd.Expired, Duration.Zero, Duration.Zero).Active);
        Assert.Equal(Duration.Seconds(25), claim.TimeAt(end, AssignmentEnd.Expired, Duration.Zero, Duration.Zero).Wall);
    }

    [Fact]
    public void An_expiry_is_at_the_end_of_the_lease_or_at_a_contact_after_it()
    {
        var claim = Claim(measured: null);
        Assert.Equal(Start.AddMinutes(10), claim.ExpiresAt);
        Assert.Equal(Start.AddMinutes(11), (claim with { LastContactAt = Start.AddMinutes(11) }).ExpiresAt);
    }

    [Fact]
    public void A_clock_that_stepped_back_takes_nothing_and_breaks_nothing()
    {
        var claim = Claim(measured: null) with { ActiveMs = 10_000, LastContactAt = Start.AddSeconds(10) };
        var time = claim.TimeAt(Start.AddSeconds(-5), AssignmentEnd.Submitted, Duration.Zero, Duration.Zero);

        Assert.Equal((Duration.Zero, Duration.Zero), (time.Wall, time.Active));
        Assert.Equal(Samples.Simple.Reward, Pay.Of(claim.Terms(Samples.Simple.Policy), CreditKind.Submitted, time).Amount);
    }

    [Theory]
    [InlineData(0, 2_250)]
    [InlineData(2_000, 250)]
    [InlineData(2_250, 0)]
    [InlineData(9_000, -6_750)]
    public void An_answer_is_too_early_until_the_earliest_submit(long afterMs, long earlyMs) =>
        Assert.Equal(new Duration(earlyMs), Claim(measured: null).TooEarlyBy(Start.AddMilliseconds(afterMs)));

    [Fact]
    public void An_end_adds_to_a_persons_day()
    {
        var person = new PersonAtWork
        {
            WorkerId = Guid.Empty, AssignmentId = Guid.Empty, WindowFrom = Start, WindowCreditedMs = 0, WindowSubmittedMs = 0, WindowAllowanceUsedMs = 0,
            SessionTasks = 0, SessionPayMicros = 0, SessionCreditedMs = 0, PolicyInForce = 1,
        };
        var policy = Samples.Simple.Policy;
        var time = new TimeSpent { Wall = Duration.Seconds(50), Active = Duration.Seconds(40), AllowanceLeft = person.AllowanceLeft(policy), FirstOfJob = false };

        var submitted = person.Ended(AssignmentEnd.Submitted, Start.AddHours(1), Pay.Of(Samples.Simple, CreditKind.Submitted, time));
        Assert.Equal((40_000, 40_000, 0), (submitted.WindowCreditedMs, submitted.WindowSubmittedMs, submitted.WindowAllowanceUsedMs));
        Assert.Equal(new Duration(301_200), submitted.AllowanceLeft(policy));
        Assert.Null(submitted.AssignmentId);

        var returned = person.Ended(AssignmentEnd.Returned, Start.AddHours(1), Pay.Of(Samples.Simple, CreditKind.Unsubmitted, time));
        Assert.Equal((40_000, 0, 40_000), (returned.WindowCreditedMs, returned.WindowSubmittedMs, returned.WindowAllowanceUsedMs));
        Assert.Equal(Duration.Seconds(260), returned.AllowanceLeft(policy));
        Assert.True(returned.MayClaim(policy));
        Assert.Equal(person with { AssignmentId = null }, person.Ended(AssignmentEnd.Expired, Start, Pay.Of(Samples.Simple, CreditKind.Unsubmitted, time)) with { SessionTasks = 0, SessionPayMicros = 0, SessionCreditedMs = 0 });
        Assert.False((returned with { WindowCreditedMs = policy.MostCreditedIn24h.Ms }).MayClaim(policy));
    }

    private static Assignment Claim(Duration? measured) =>
        Assignment.Claim(Guid.Empty, Guid.Empty, Guid.Empty, Guid.Empty, Samples.Simple, 1, measured, firstOfJob: true, Start);
}
