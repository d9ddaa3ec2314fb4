using Marketplace.UnitTests.PayRule;
using Marketplace.Worker.Earnings;

namespace Marketplace.UnitTests.Worker;

public sealed class PayslipSumsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 19, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_second_of_a_line_is_credited_or_has_a_reason() =>
        Samples.Ends.Where(end => end.Kind is CreditKind.Submitted or CreditKind.Unsubmitted).Sample(end =>
        {
            var line = PayslipLine.Of(Ended(end), end.Terms.Policy);
            return line.Credited + line.NotCredited == line.Wall && line.Pay == end.Pay.Amount
                && (line.PerHour is not { } rate || rate >= end.Terms.Policy.FloorPerHour);
        });

    [Fact]
    public void A_days_lines_add_up_to_the_digit() =>
        Samples.Ends.Where(end => end.Kind is CreditKind.Submitted or CreditKind.Unsubmitted && end.Terms.Worst.Micros < 1_000_000_000_000).Array[0, 20].Sample(ends =>
        {
            var slip = new Payslip(new DateOnly(2026, 11, 19), [.. ends.Select(end => PayslipLine.Of(Ended(end), end.Terms.Policy))]);
            return slip.Pay.Micros == ends.Sum(end => end.Pay.Amount.Micros)
                && slip.Credited.Ms + slip.NotCredited.Ms == ends.Sum(end => end.Time.Wall.Ms)
                && slip.OnTheirWay == ends.Length;
        }, iter: 200);

    [Fact]
    public void Payments_entry_counts_where_it_has_come()
    {
        var ended = Ended(new End(Samples.Simple, CreditKind.Submitted, new TimeSpent
        {
            Wall = Duration.Seconds(21), Active = Duration.Seconds(21), AllowanceLeft = Duration.Zero, FirstOfJob = false,
        }));
        var settled = ended with { IsSettled = true, SettledRewardMicros = 37_500, SettledTopUpMicros = 50_000, SettledPayMicros = 87_500, SettledCreditedMs = 21_000 };

        Assert.Equal(PayslipLine.Of(ended, Samples.Simple.Policy).Pay, PayslipLine.Of(settled, Samples.Simple.Policy).Pay);
        Assert.Equal(new Money(99), PayslipLine.Of(settled with { SettledTopUpMicros = 99, SettledRewardMicros = 0 }, Samples.Simple.Policy).Pay);
    }

    private static EndedAssignment Ended(End end) => new()
    {
        AssignmentId = Guid.Empty,
        JobId = Guid.Empty,
        Title = "A job",
        End = end.Kind == CreditKind.Submitted ? "submitted" : "returned",
        ClaimedAt = Start,
        EndedAt = Start + end.Time.Wall.ToTimeSpan(),
        PolicyVersion = 1,
        RewardMicros = end.Terms.Reward.Micros,
        EstimateMs = end.Terms.Estimate.Ms,
        LimitMs = end.Terms.Limit.Ms,
        ReadingMs = end.Terms.Reading.Ms,
        IdleMs = 30_000,
        FirstOfJob = end.Time.FirstOfJob,
        ActiveMs = end.Time.Active.Ms,
        AskedMs = end.Time.Asked.Ms,
        UnseenMs = 0,
        AllowanceLeftMs = end.Time.AllowanceLeft.Ms,
        IsSettled = false,
        EntryKey = null,
        SettledRewardMicros = null,
        SettledTopUpMicros = null,
        SettledPayMicros = null,
        SettledCreditedMs = null,
        Salt = null,
    };
}
