using Marketplace.Payment.Escrow;

namespace Marketplace.UnitTests.Payment;

public sealed class JobTests
{
    private static readonly Job Posted = new()
    {
        JobId = Guid.Parse("0198b1c2-0000-7000-8000-00000000000b"),
        RequesterId = Guid.Parse("0198b1c2-0000-7000-8000-00000000000c"),
        PostedAt = new DateTimeOffset(2026, 11, 19, 9, 0, 0, TimeSpan.Zero),
        TermsVersion = 1,
        RewardMicros = 37_500,
        EstimateMs = 9_000,
        LimitMs = 60_000,
        ReadingMs = 0,
        PolicyVersion = 1,
        WorstMicros = 300_000,
        RefusedWhy = null,
        BudgetTotalMicros = 10_000_000,
        BudgetBookedMicros = 0,
        Ended = 0,
        Funded = 0,
        Claims = null,
        FinishedAt = null,
        MeasuredVersion = 0,
        LookedAt = 0,
    };

    [Fact]
    public void A_new_job_books_its_budget_and_funds_what_it_allows() =>
        Assert.Equal(new EscrowMove(new Money(10_000_000), Money.Zero, 33, Finishes: false), Posted.Next(Money.Zero));

    [Fact]
    public void A_refused_job_books_its_budget_and_gives_all_of_it_back()
    {
        var refused = Posted with { RefusedWhy = "under the floor", WorstMicros = null, PolicyVersion = null };
        Assert.Equal(new EscrowMove(new Money(10_000_000), new Money(10_000_000), 0, Finishes: false), refused.Next(Money.Zero));
    }

    [Fact]
    public void A_job_finishes_once_when_its_last_claim_has_ended()
    {
        var last = Posted with { BudgetBookedMicros = 10_000_000, Claims = 3, Ended = 3, Funded = 34 };
        Assert.Equal(new EscrowMove(Money.Zero, new Money(9_700_000), 34, Finishes: true), last.Next(new Money(9_700_000)));
        Assert.False((last with { FinishedAt = Posted.PostedAt }).Next(Money.Zero).Finishes);
        Assert.Equal(Money.Zero, (last with { Ended = 2 }).Next(new Money(9_700_000)).Returned);
    }

    [Fact]
    public void Money_that_comes_after_the_end_goes_back_at_once()
    {
        var raised = Posted with { BudgetTotalMicros = 12_000_000, BudgetBookedMicros = 10_000_000, Claims = 0, FinishedAt = Posted.PostedAt };
        Assert.Equal(new EscrowMove(new Money(2_000_000), new Money(2_000_000), 0, Finishes: false), raised.Next(Money.Zero));
    }

    [Fact]
    public void Funded_never_falls_and_is_always_backed() =>
        Gen.Select(Gen.Long[0, 1000], Gen.Long[0, 50_000_000], Gen.Long[0, 5_000_000]).Sample((ended, escrow, raise) =>
        {
            var job = Posted with { Ended = ended, BudgetBookedMicros = 10_000_000, BudgetTotalMicros = 10_000_000 + raise };
            var funded = job.Next(new Money(escrow)).Funded;
            var after = job with { Ended = ended + 1, Funded = funded, BudgetBookedMicros = 10_000_000 + raise };
            var worstEnd = new Money(Math.Max(0, escrow + raise - 300_000));
            return (funded - ended) * 300_000 <= escrow + raise && after.Next(worstEnd).Funded >= funded;
        });
}
