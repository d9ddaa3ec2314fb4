using Marketplace.Payment.Ledger;
using Marketplace.UnitTests.PayRule;

namespace Marketplace.UnitTests.Payment;

public sealed class PayFactsByTheRuleTests
{
    /// <summary>The public ledger names its reasons from the entry alone; the rule gives them from everything it knows.</summary>
    [Fact]
    public void The_public_reasons_for_time_not_credited_add_up_and_agree_with_the_rule() =>
        Samples.Ends.Where(end => end.Kind is CreditKind.Submitted or CreditKind.Unsubmitted).Sample(end =>
        {
            var terms = end.Terms with { Policy = end.Terms.Policy with { Grace = Duration.Seconds(30) } };
            var unseen = WorkingTime.Unseen(end.Time.Asked, end.Time.Wall, end.Time.Active);
            var pay = Pay.Of(terms, end.Kind, end.Time);
            var facts = Facts(terms, end, pay, unseen);
            var uncredited = facts.Uncredited();

            return pay.Credit.Credited.Ms + uncredited.Sum(part => part.Ms) == end.Time.Active.Ms + unseen.Ms
                && Of(uncredited, UncreditedReason.OverLimit) == pay.Credit.OverLimit.Ms
                && (Of(uncredited, UncreditedReason.Grace) == pay.Credit.UnderGrace.Ms || end.Time.AllowanceLeft == Duration.Zero);
        });

    private static long Of(IEnumerable<UncreditedTime> parts, UncreditedReason reason) => parts.Where(part => part.Reason == reason).Sum(part => part.Ms);

    private static PayFacts Facts(JobTerms terms, End end, Pay pay, Duration unseen) => new()
    {
        End = end.Kind == CreditKind.Submitted ? AssignmentEnd.Submitted : AssignmentEnd.Returned,
        TermsVersion = 1,
        RewardMicros = terms.Reward.Micros,
        ActiveMs = end.Time.Active.Ms,
        UnseenMs = unseen.Ms,
        AllowanceLeftMs = end.Time.AllowanceLeft.Ms,
        FirstOfJob = end.Time.FirstOfJob,
        Facts = null,
        LimitMs = terms.Limit.Ms,
        ReadingMs = terms.Reading.Ms,
        CreditedMs = pay.Credit.Credited.Ms,
        FloorMicrosPerHour = terms.Policy.FloorPerHour.Micros,
        FeeBps = terms.Policy.FeeBps,
        LevyBps = terms.Policy.LevyBps,
        PolicyVersion = 1,
        OwedMicros = pay.Owed.Micros,
        TopUpMicros = pay.TopUp.Micros,
        PayMicros = pay.Amount.Micros,
        FeeMicros = pay.Fee.Micros,
        LevyMicros = pay.Levy.Micros,
    };
}
