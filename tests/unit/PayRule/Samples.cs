namespace Marketplace.UnitTests.PayRule;

/// <summary>An assignment's end, with what it pays.</summary>
internal sealed record End(JobTerms Terms, CreditKind Kind, TimeSpent Time)
{
    internal Pay Pay { get; } = Pay.Of(Terms, Kind, Time);
}

/// <summary>Policies, terms and ends as property tests draw them: the ordinary, the edges and the absurd.</summary>
internal static class Samples
{
    /// <summary>Nine seconds at the floor: reward 0.0375, limit 60 s, no instructions.</summary>
    internal static readonly JobTerms Simple =
        JobTerms.Resolve(PayPolicy.Default(1, default), new Money(37_500), Duration.Seconds(9), null, 0).Terms!;

    internal static readonly Gen<PayPolicy> Policies =
        from floor in Gen.OneOf(Gen.Long[1, 100_000_000], Gen.Long[1, 10_000_000_000_000])
        from fee in Gen.Int[0, 10_000]
        from levy in Gen.Int[0, 10_000]
        from limitFactor in Gen.Int[1, 10]
        from perWord in UpTo(Duration.Seconds(2))
        from grace in UpTo(Duration.Seconds(120))
        from divisor in Gen.Int[1, 10]
        select PayPolicy.Default(1, default) with
        {
            FloorPerHour = new Money(floor),
            FeeBps = fee,
            LevyBps = levy,
            LimitFactor = limitFactor,
            ReadingPerWord = perWord,
            Grace = grace,
            EarliestSubmitDivisor = divisor,
        };

    internal static readonly Gen<JobTerms> Terms =
        from policy in Policies
        from estimate in Gen.OneOf(Gen.Long[1000, 60_000], Gen.Long[1000, 4 * 3_600_000]).Select(ms => new Duration(ms))
        from bonus in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 1_000_000_000])
        from share in Gen.Double.Unit
        from words in Gen.Int[0, 3000]
        let range = JobTerms.LimitRange(policy, estimate)
        select new JobTerms
        {
            Policy = policy,
            Reward = Money.Min(JobTerms.LeastReward(policy, estimate) + new Money(bonus), JobTerms.RewardMost),
            Estimate = estimate,
            Limit = range.Shortest + new Duration((long)(range.Shortest.Ms * share)),
            Reading = JobTerms.ReadingTime(policy, words),
        };

    internal static readonly Gen<End> Ends =
        from terms in Terms
        from kind in Gen.OneOf(CreditKind.Submitted, CreditKind.Submitted, CreditKind.Unsubmitted, CreditKind.Broken, CreditKind.Jury)
        from wall in Gen.OneOf(UpTo(Duration.Seconds(60)), UpTo(3 * terms.Limit))
        from active in Gen.OneOf(UpTo(wall), Gen.Const(wall), Gen.Const(Duration.Zero))
        from asked in Gen.OneOf(Gen.Const(Duration.Zero), UpTo(2 * wall))
        from allowance in Gen.OneOf(Gen.Const(Duration.Zero), UpTo(Duration.Seconds(1200)))
        from first in Gen.Bool
        select new End(terms, kind, new TimeSpent { Wall = wall, Active = active, Asked = asked, AllowanceLeft = allowance, FirstOfJob = first });

    internal static Gen<Duration> UpTo(Duration most) => Gen.Long[0, most.Ms].Select(ms => new Duration(ms));
}
