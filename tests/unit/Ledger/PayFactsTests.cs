using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Ledger;

public sealed class PayFactsTests
{
    [Fact]
    public void All_credited_leaves_nothing_to_explain() => Assert.Empty(PublicEntries.Paid.Uncredited());

    [Fact]
    public void Work_beyond_the_limit_and_time_asked_for_there_are_over_the_limit()
    {
        var facts = PublicEntries.Paid with { ActiveMs = 170_000, UnseenMs = 5_000, CreditedMs = 150_000 };
        Assert.Equal([new(UncreditedReason.OverLimit, 20_000), new(UncreditedReason.AskedOverLimit, 5_000)], facts.Uncredited());
    }

    [Fact]
    public void Reading_time_counts_in_the_first_assignment_only()
    {
        var facts = PublicEntries.Paid with { ActiveMs = 160_000, CreditedMs = 160_000, FirstOfJob = true };
        Assert.Empty(facts.Uncredited());
        Assert.Equal([new(UncreditedReason.OverLimit, 10_000)], (facts with { FirstOfJob = false, CreditedMs = 150_000 }).Uncredited());
    }

    [Fact]
    public void Asked_time_that_the_allowance_did_not_reach_is_named_so()
    {
        var facts = PublicEntries.Paid with { UnseenMs = 20_000, AllowanceLeftMs = 8_000, CreditedMs = 49_200 };
        Assert.Equal([new(UncreditedReason.Allowance, 12_000)], facts.Uncredited());
    }

    [Fact]
    public void An_end_without_an_answer_is_explained_by_grace_or_allowance()
    {
        var returned = PublicEntries.Paid with { End = AssignmentEnd.Returned, ActiveMs = 29_999, CreditedMs = 0 };
        Assert.Equal([new(UncreditedReason.Grace, 29_999)], returned.Uncredited());
        Assert.Equal(
            [new(UncreditedReason.OverLimit, 50_000), new(UncreditedReason.Allowance, 90_000)],
            (returned with { ActiveMs = 200_000, AllowanceLeftMs = 60_000, CreditedMs = 60_000 }).Uncredited());
        Assert.Equal(
            [new(UncreditedReason.Allowance, 48_000)],
            (returned with { ActiveMs = 48_000, AllowanceLeftMs = 0, CreditedMs = 0 }).Uncredited());
        Assert.Equal(0, returned.CountedMicros);
    }

    [Fact]
    public void Every_second_seen_or_asked_for_is_credited_or_explained()
    {
        foreach (var end in Enum.GetValues<AssignmentEnd>())
            foreach (var active in (long[])[0, 29_999, 30_000, 149_999, 150_000, 500_000])
                foreach (var unseen in (long[])[0, 10_000, 400_000])
                    foreach (var allowance in (long[])[0, 5_000, 300_000])
                    {
                        var facts = PublicEntries.Paid with { End = end, ActiveMs = active, UnseenMs = unseen, AllowanceLeftMs = allowance };
                        facts = facts with { CreditedMs = Credited(facts) };
                        Assert.Equal(active + unseen, facts.CreditedMs + facts.Uncredited().Sum(u => u.Ms));
                    }
    }

    private static long Credited(PayFacts facts)
    {
        var (active, unseen, allowance, cap) = (facts.ActiveMs!.Value, facts.UnseenMs!.Value, facts.AllowanceLeftMs!.Value, facts.CapMs!.Value);
        var payable = Math.Min(active, cap);
        return facts.Submitted ? payable + Math.Min(unseen, Math.Min(cap - payable, allowance))
            : active < 30_000 ? 0
            : Math.Min(payable, allowance);
    }
}
