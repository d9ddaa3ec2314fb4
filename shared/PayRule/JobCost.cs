using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>What a requester can expect a number of answers to cost, before or while they are given.</summary>
public sealed record JobCost
{
    private const long MicrosPerCent = 10_000;

    /// <summary>How many answers: tasks × answers wanted of each.</summary>
    public required long Answers { get; init; }

    /// <summary>What goes to people.</summary>
    public required Money Pay { get; init; }

    public required Money Fee { get; init; }

    public required Money Levy { get; init; }

    /// <summary>W: the most one answer can cost.</summary>
    public required Money Worst { get; init; }

    /// <summary>Pay, fee and levy if every answer takes the expected time.</summary>
    public Money Expected => Pay + Fee + Levy;

    /// <summary>
    /// The budget that will most likely let the job run without a pause: 1.2 × expected + 20 W, rounded up to the cent, and never more than
    /// <see cref="NeverMoreThan"/>, which a small job stays under even if all of it is at work at once.
    /// </summary>
    public Money SuggestedBudget =>
        Money.Min(NeverMoreThan, UpToCent(new Money(Exact.TimesOverUp(Expected.Micros, 12, 10)) + 20 * Worst));

    /// <summary>What all answers cost if each took the whole limit and reading, rounded up to the cent.</summary>
    public Money NeverMoreThan => UpToCent(Answers * Worst);

    /// <summary>The cost of answers under these terms, each taking the estimate, or the measured time where there is one.</summary>
    /// <param name="terms">The job's terms.</param>
    /// <param name="answers">How many; not negative.</param>
    /// <param name="measured"><see cref="Measured"/> time of the job, if there is enough of it.</param>
    public static JobCost Of(JobTerms terms, long answers, Duration? measured = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(answers);
        var pay = Money.Max(terms.Reward, terms.Policy.Owed(Duration.Min(measured ?? Duration.Zero, terms.Limit)));
        return new JobCost
        {
            Answers = answers,
            Pay = answers * pay,
            Fee = answers * terms.Policy.Fee(pay),
            Levy = answers * terms.Policy.Levy(pay),
            Worst = terms.Worst,
        };
    }

    private static Money UpToCent(Money amount) =>
        new(checked(Exact.TimesOverUp(amount.Micros, 1, MicrosPerCent) * MicrosPerCent));
}
