using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>Either the terms, or why they are refused.</summary>
public sealed record TermsDecision
{
    private TermsDecision(JobTerms? terms, TermsRefusal? refusal) => (Terms, Refusal) = (terms, refusal);

    /// <summary>True: <see cref="Terms"/> are there. False: <see cref="Refusal"/> is.</summary>
    [MemberNotNullWhen(true, nameof(Terms))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Accepted => Terms is not null;

    public JobTerms? Terms { get; }

    public TermsRefusal? Refusal { get; }

    public static implicit operator TermsDecision(JobTerms terms) => new(terms, null);

    public static implicit operator TermsDecision(TermsRefusal refusal) => new(null, refusal);
}

/// <summary>Terms that cannot be: which number is wrong, and what would be accepted.</summary>
public abstract record TermsRefusal
{
    /// <summary>Whose number it is: <c>reward</c>, <c>estimate</c> or <c>timeLimit</c>.</summary>
    public abstract string Field { get; }

    /// <summary>Why, and what would be accepted, in a sentence in English. Pages in other languages say it from the numbers.</summary>
    /// <param name="currency">The installation's ISO 4217 code.</param>
    public abstract string Why(string currency);

    /// <summary>At least two decimals, and as many more as are not zero: 6.00, 0.125.</summary>
    internal static string Amount(Money money) =>
        (money.Micros / 1_000_000m).ToString("#,##0.00####", CultureInfo.InvariantCulture);

    /// <summary>Two decimals, cut: what is under the floor never reads as the floor.</summary>
    internal static string Rate(Money perHour) =>
        (perHour.Micros / 10_000 / 100m).ToString("#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>In seconds, with up to three decimals.</summary>
    internal static string Seconds(Duration time) =>
        (time.Ms / 1000m).ToString("#,##0.###", CultureInfo.InvariantCulture);
}

/// <summary>The reward is nothing, negative or astronomically large.</summary>
public sealed record RewardOutOfRange(Money Reward, Money Least, Money Most) : TermsRefusal
{
    public override string Field => "reward";

    public override string Why(string currency) => Reward < Least
        ? $"A reward is at least {Amount(Least)} {currency}."
        : $"A reward is at most {Amount(Most)} {currency}.";
}

/// <summary>The reward pays less than the floor for the estimate.</summary>
public sealed record RewardUnderFloor(Money Reward, Duration Estimate, Money FloorPerHour, Money Least) : TermsRefusal
{
    public override string Field => "reward";

    public override string Why(string currency) =>
        $"{Amount(Reward)} {currency} for {Seconds(Estimate)} s is {Rate(JobTerms.HourlyRate(Reward, Estimate))} {currency}/h; "
        + $"the floor of {Rate(FloorPerHour)} {currency}/h needs at least {Amount(Least)} {currency}";
}

/// <summary>The estimate is too short or too long for one assignment.</summary>
public sealed record EstimateOutOfRange(Duration Estimate, Duration Least, Duration Most) : TermsRefusal
{
    public override string Field => "estimate";

    public override string Why(string currency) =>
        $"An estimate is {Seconds(Least)} s to {Seconds(Most)} s; {Seconds(Estimate)} s was given.";
}

/// <summary>The time limit does not fit the estimate.</summary>
public sealed record LimitOutOfRange(Duration Limit, Duration Least, Duration Most) : TermsRefusal
{
    public override string Field => "timeLimit";

    public override string Why(string currency) =>
        $"The time limit must be {Seconds(Least)} s to {Seconds(Most)} s for this estimate; {Seconds(Limit)} s was given.";
}
