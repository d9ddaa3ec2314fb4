using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// What an assignment pays and costs. The reward is a bonus on top of the floor, never a gamble below it:
/// pay = max(reward counted, ⌈floor · credited time⌉), and charged = pay + fee + levy ≤ W of the terms.
/// </summary>
public sealed record Pay
{
    /// <summary>The time credited, and why the rest is not.</summary>
    public required Credit Credit { get; init; }

    /// <summary>The reward if an answer was submitted, else 0.</summary>
    public required Money Reward { get; init; }

    /// <summary>What the floor owes for the credited time, rounded up.</summary>
    public required Money Owed { get; init; }

    /// <summary>What is added to the reward so that the floor holds.</summary>
    public required Money TopUp { get; init; }

    /// <summary>The cooperative's fee, rounded down; of submitted assignments only: it earns nothing on waste.</summary>
    public required Money Fee { get; init; }

    /// <summary>The levy for the commons, rounded down for itself; of submitted assignments only.</summary>
    public required Money Levy { get; init; }

    /// <summary>What the worker gets.</summary>
    public Money Amount => Reward + TopUp;

    /// <summary>What the job's escrow loses.</summary>
    public Money Charged => Amount + Fee + Levy;

    /// <summary>Pay for credited time as an hourly rate, rounded down (and still never under the floor); null where no time was credited.</summary>
    public Money? PerHour => Credit.Credited > Duration.Zero ? JobTerms.HourlyRate(Amount, Credit.Credited) : null;

    /// <summary>The pay of an end; also the pay so far of an assignment at work, as if it were submitted now.</summary>
    /// <param name="terms">The job's terms, with the reward that the claim was made under.</param>
    /// <param name="kind">How the end is credited.</param>
    /// <param name="time">The assignment's time.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or more of it active than passed.</exception>
    public static Pay Of(JobTerms terms, CreditKind kind, TimeSpent time)
    {
        var submitted = kind == CreditKind.Submitted;
        var credit = Credit.Of(terms, kind, time);
        var reward = submitted ? terms.Reward : Money.Zero;
        var owed = terms.Policy.Owed(credit.Credited);
        var amount = Money.Max(reward, owed);

        return new Pay
        {
            Credit = credit,
            Reward = reward,
            Owed = owed,
            TopUp = amount - reward,
            Fee = submitted ? terms.Policy.Fee(amount) : Money.Zero,
            Levy = submitted ? terms.Policy.Levy(amount) : Money.Zero,
        };
    }
}
