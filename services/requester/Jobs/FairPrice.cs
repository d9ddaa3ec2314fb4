using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Requester.Jobs;

/// <summary>What a draft's numbers mean, before anything is charged. Money in micro-units, times in ms.</summary>
internal sealed record FairPrice
{
    public required long RewardMicros { get; init; }

    /// <summary>What the reward pays an hour if an answer takes the estimate.</summary>
    public required long HourlyMicros { get; init; }

    /// <summary>The smallest reward that the floor allows for the estimate.</summary>
    public required long LeastRewardMicros { get; init; }
    public required long FloorMicrosPerHour { get; init; }
    public required long EstimateMs { get; init; }
    public required long TimeLimitMs { get; init; }
    public required long TimeLimitLeastMs { get; init; }
    public required long TimeLimitMostMs { get; init; }
    public required long ReadingMs { get; init; }

    /// <summary>Tasks times answers wanted of each.</summary>
    public required long Answers { get; init; }
    public required long PayMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long ExpectedMicros { get; init; }

    /// <summary>The most that one answer can cost.</summary>
    public required long WorstMicros { get; init; }

    /// <summary>The most that one answer can pay once the instructions are read.</summary>
    public required long PaysAtMostMicros { get; init; }

    /// <summary>The budget that will most likely let the job run without a pause.</summary>
    public required long SuggestedBudgetMicros { get; init; }
    public required long NeverMoreThanMicros { get; init; }

    /// <summary>How many claims the budget (the suggested one, where none is chosen) allows at once.</summary>
    public required long ClaimsNow { get; init; }

    /// <summary>Why these terms cannot be, and what would be accepted; null where they can.</summary>
    public required FieldProblem? Refusal { get; init; }

    /// <summary>The price of a draft with this many tasks under a policy; null while it has no reward that could be one.</summary>
    public static FairPrice? Of(Draft draft, int tasks, PayPolicy policy, string currency)
    {
        if (JobRules.Terms(draft, policy) is not { } decision || decision.Refusal is RewardOutOfRange or EstimateOutOfRange)
            return null;

        var reward = new Money(draft.RewardMicros!.Value);
        var estimate = draft.EstimateMs is { } given ? new Duration(given) : JobTerms.PaidTime(policy, reward);
        var (shortest, longest) = JobTerms.LimitRange(policy, estimate);
        var terms = decision.Terms ?? new JobTerms
        {
            // What it would be with this reward, so that the page can show how far off it is.
            Policy = policy,
            Reward = reward,
            Estimate = estimate,
            Limit = Clamped(draft.TimeLimitMs, shortest, longest),
            Reading = JobTerms.ReadingTime(policy, JobRules.Words(draft.Instructions)),
        };

        var cost = JobCost.Of(terms, (long)tasks * draft.Wanted);
        var budget = draft.BudgetMicros ?? cost.SuggestedBudget.Micros;
        return new FairPrice
        {
            RewardMicros = reward.Micros,
            HourlyMicros = terms.RewardPerHour.Micros,
            LeastRewardMicros = JobTerms.LeastReward(policy, estimate).Micros,
            FloorMicrosPerHour = policy.FloorPerHour.Micros,
            EstimateMs = estimate.Ms,
            TimeLimitMs = terms.Limit.Ms,
            TimeLimitLeastMs = shortest.Ms,
            TimeLimitMostMs = longest.Ms,
            ReadingMs = terms.Reading.Ms,
            Answers = cost.Answers,
            PayMicros = cost.Pay.Micros,
            FeeMicros = cost.Fee.Micros,
            LevyMicros = cost.Levy.Micros,
            ExpectedMicros = cost.Expected.Micros,
            WorstMicros = terms.Worst.Micros,
            PaysAtMostMicros = Money.Max(reward, policy.Owed(terms.Limit)).Micros,
            SuggestedBudgetMicros = cost.SuggestedBudget.Micros,
            NeverMoreThanMicros = cost.NeverMoreThan.Micros,
            ClaimsNow = Math.Min(cost.Answers, Funding.Funded(0, new Money(budget), Money.Zero, terms.Worst)),
            Refusal = decision.Refusal is { } refusal ? new(refusal.Field, refusal.Why(currency)) : null,
        };
    }

    private static Duration Clamped(long? limitMs, Duration shortest, Duration longest) =>
        limitMs is { } ms ? Duration.Max(shortest, Duration.Min(longest, new Duration(ms))) : shortest;
}
