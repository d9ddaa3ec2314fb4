using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// The terms of a job, with everything that follows from what its requester chose: the time limit, the reading time, the
/// most one assignment can cost. <see cref="Resolve"/> makes them from a requester's numbers and refuses what breaks the
/// floor; whoever stored resolved terms builds them again from the same five members.
/// </summary>
public sealed record JobTerms
{
    /// <summary>The least reward: 1 micro-unit.</summary>
    public static readonly Money RewardLeast = new(1);

    /// <summary>The greatest reward: 1,000 units of currency.</summary>
    public static readonly Money RewardMost = new(1_000_000_000);

    /// <summary>The shortest estimate: 1 s.</summary>
    public static readonly Duration EstimateLeast = Duration.Seconds(1);

    /// <summary>The longest estimate: 4 h.</summary>
    public static readonly Duration EstimateMost = Duration.Seconds(4 * 3600);

    /// <summary>The policy the job is under, to its end.</summary>
    public required PayPolicy Policy { get; init; }

    /// <summary>The piece rate of one submitted assignment.</summary>
    public required Money Reward { get; init; }

    /// <summary>E: the time that one assignment is said to take.</summary>
    public required Duration Estimate { get; init; }

    /// <summary>L: the most time that one assignment is paid for. It bounds pay, not work.</summary>
    public required Duration Limit { get; init; }

    /// <summary>I: instruction time, on top of the limit until a worker has submitted a first answer of the job.</summary>
    public required Duration Reading { get; init; }

    /// <summary>Lease: how long a claim is held without its end, max(least lease, 2(L + I)).</summary>
    public Duration Lease => Duration.Max(Policy.LeaseLeast, 2 * (Limit + Reading));

    /// <summary>B: the most one assignment can pay, max(reward, ⌈f(L + I)⌉).</summary>
    public Money WorstPay => Money.Max(Reward, Policy.Owed(Limit + Reading));

    /// <summary>W: the most one assignment can cost its job, B with fee and levy.</summary>
    public Money Worst => Policy.WithCharges(WorstPay);

    /// <summary>What the reward pays an hour if an assignment takes the estimate, rounded down.</summary>
    public Money RewardPerHour => HourlyRate(Reward, Estimate);

    /// <summary>
    /// The terms that a requester's numbers mean under a policy, or the first thing that is wrong with them. Without an
    /// estimate it is the time that the reward pays at the floor (never under 1 s, never over 4 h); without a limit it is
    /// the least that the estimate allows.
    /// </summary>
    /// <param name="policy">The policy in force.</param>
    /// <param name="reward">1 micro-unit to 1,000 units of currency, and no less than the floor for the estimate.</param>
    /// <param name="estimate">1 s to 4 h, or null.</param>
    /// <param name="limit">max(least limit, factor · estimate) to twice that, or null.</param>
    /// <param name="instructionWords">How many words a worker reads before the first task; not negative.</param>
    public static TermsDecision Resolve(
        PayPolicy policy, Money reward, Duration? estimate, Duration? limit, int instructionWords)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(instructionWords);

        if (reward < RewardLeast || reward > RewardMost)
            return new RewardOutOfRange(reward, RewardLeast, RewardMost);
        if (estimate < EstimateLeast || estimate > EstimateMost)
            return new EstimateOutOfRange(estimate.Value, EstimateLeast, EstimateMost);

        var expected = estimate ?? PaidTime(policy, reward);
        var least = LeastReward(policy, expected);
        if (reward < least)
            return new RewardUnderFloor(reward, expected, policy.FloorPerHour, least);

        var (shortest, longest) = LimitRange(policy, expected);
        var chosen = limit ?? shortest;
        if (chosen < shortest || chosen > longest)
            return new LimitOutOfRange(chosen, shortest, longest);

        return new JobTerms
        {
            Policy = policy,
            Reward = reward,
            Estimate = expected,
            Limit = chosen,
            Reading = ReadingTime(policy, instructionWords),
        };
    }

    /// <summary>The least reward that keeps the floor if an assignment takes the estimate: ⌈f · E⌉.</summary>
    public static Money LeastReward(PayPolicy policy, Duration estimate) => policy.Owed(estimate);

    /// <summary>The time limits that an estimate allows: max(least limit, factor · E), and twice that.</summary>
    public static (Duration Shortest, Duration Longest) LimitRange(PayPolicy policy, Duration estimate)
    {
        var shortest = Duration.Max(policy.LimitLeast, policy.LimitFactor * estimate);
        return (shortest, 2 * shortest);
    }

    /// <summary>The reading time of instructions: a time a word, up to the most.</summary>
    public static Duration ReadingTime(PayPolicy policy, int words) =>
        Duration.Min(words * policy.ReadingPerWord, policy.ReadingMost);

    /// <summary>The estimate that a reward implies: the time it pays at the floor, rounded down, from 1 s to 4 h.</summary>
    public static Duration PaidTime(PayPolicy policy, Money reward)
    {
        var paid = new Duration(Exact.TimesOverDown(reward.Micros, Exact.MsPerHour, policy.FloorPerHour.Micros));
        return Duration.Min(Duration.Max(EstimateLeast, paid), EstimateMost);
    }

    /// <summary>An amount for a time as an hourly rate, rounded down (so that what is under the floor also reads so); time > 0.</summary>
    public static Money HourlyRate(Money amount, Duration time) =>
        new(Exact.TimesOverDown(amount.Micros, Exact.MsPerHour, time.Ms));

    /// <summary>G: a silence up to this long counts as work, clamp(max(E, measured)). Fixed for an assignment at its claim.</summary>
    /// <param name="measured"><see cref="Measured"/> time of the job, if there is enough of it.</param>
    public Duration Idle(Duration? measured) =>
        Duration.Min(Duration.Max(Duration.Max(Estimate, measured ?? Estimate), Policy.IdleLeast), Policy.IdleMost);

    /// <summary>The time after the claim from which an answer is taken, ⌊min(E, measured) / divisor⌋: a click-through earns at most so many times the reward's rate.</summary>
    /// <param name="measured"><see cref="Measured"/> time of the job, if there is enough of it.</param>
    public Duration EarliestSubmit(Duration? measured) =>
        new(Duration.Min(Estimate, measured ?? Estimate).Ms / Policy.EarliestSubmitDivisor);

    /// <summary>The most time an assignment is credited: L + I until the worker has submitted a first answer of the job, L later.</summary>
    public Duration Cap(bool firstOfJob) => firstOfJob ? Limit + Reading : Limit;
}
