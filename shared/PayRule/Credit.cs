using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>How an assignment's time is credited.</summary>
public enum CreditKind
{
    /// <summary>An answer: the reward counts, time is credited up to the cap, and asked time from the allowance.</summary>
    Submitted = 1,

    /// <summary>Returned, expired or reported as broken (not confirmed): time from the allowance, none under the grace.</summary>
    Unsubmitted = 2,

    /// <summary>Broken, and confirmed to be so: time up to the cap, nothing of the allowance.</summary>
    Broken = 3,

    /// <summary>A case of a jury, paid by the cooperative: time up to the cap, nothing of the allowance.</summary>
    Jury = 4,
}

/// <summary>What is known of an assignment's time at its end.</summary>
public sealed record TimeSpent
{
    /// <summary>From the claim to the end.</summary>
    public required Duration Wall { get; init; }

    /// <summary>Working time by contacts (<see cref="WorkingTime"/>): 0 to <see cref="Wall"/>.</summary>
    public required Duration Active { get; init; }

    /// <summary>Time without contacts that the worker says was work; more than there was is cut.</summary>
    public Duration Asked { get; init; }

    /// <summary>What is left of the worker's <see cref="Allowance"/> at the end.</summary>
    public required Duration AllowanceLeft { get; init; }

    /// <summary>The worker had submitted no answer of the job before: reading time counts.</summary>
    public required bool FirstOfJob { get; init; }
}

/// <summary>
/// The time of an assignment that the floor applies to, and an account of every millisecond that is not in it:
/// <c>Credited + OverLimit + Silence + UnderGrace + OverAllowance = wall time</c>.
/// </summary>
public sealed record Credit
{
    /// <summary>The time that the floor applies to.</summary>
    public required Duration Credited { get; init; }

    /// <summary>Time the worker asked for and got; part of <see cref="Credited"/>.</summary>
    public required Duration Granted { get; init; }

    /// <summary>What the allowance loses.</summary>
    public required Duration AllowanceUsed { get; init; }

    /// <summary>Active time over the time limit (and reading).</summary>
    public required Duration OverLimit { get; init; }

    /// <summary>Time without contacts over the idle limit that was not asked for and granted.</summary>
    public required Duration Silence { get; init; }

    /// <summary>Active time of an end without an answer, all of it under the grace.</summary>
    public required Duration UnderGrace { get; init; }

    /// <summary>Active time of an end without an answer that the allowance did not reach.</summary>
    public required Duration OverAllowance { get; init; }

    /// <summary>How an end is credited; a report as broken is unsubmitted until somebody confirms it.</summary>
    public static CreditKind KindOf(AssignmentEnd end) => end switch
    {
        AssignmentEnd.Submitted => CreditKind.Submitted,
        AssignmentEnd.Returned or AssignmentEnd.Expired or AssignmentEnd.Broken => CreditKind.Unsubmitted,
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "Not an end of an assignment."),
    };

    /// <summary>Credits an assignment's time under its job's terms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or more of it active than passed.</exception>
    public static Credit Of(JobTerms terms, CreditKind kind, TimeSpent time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time.Active, Duration.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time.Active, time.Wall);

        var cap = terms.Cap(time.FirstOfJob);
        var allowance = Duration.Max(Duration.Zero, time.AllowanceLeft);
        var payable = Duration.Min(time.Active, cap);
        var silence = time.Wall - time.Active;
        var under = kind == CreditKind.Unsubmitted && time.Active < terms.Policy.Grace;

        var granted = kind == CreditKind.Submitted
            ? Least(WorkingTime.Unseen(time.Asked, time.Wall, time.Active), cap - payable, allowance)
            : Duration.Zero;
        var credited = kind switch
        {
            CreditKind.Submitted => payable + granted,
            CreditKind.Unsubmitted => under ? Duration.Zero : Duration.Min(payable, allowance),
            CreditKind.Broken or CreditKind.Jury => payable,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of credit."),
        };
        var left = payable + granted - credited;

        return new Credit
        {
            Credited = credited,
            Granted = granted,
            AllowanceUsed = kind switch
            {
                CreditKind.Submitted => granted,
                CreditKind.Unsubmitted => credited,
                _ => Duration.Zero,
            },
            OverLimit = time.Active - payable,
            Silence = silence - granted,
            UnderGrace = under ? left : Duration.Zero,
            OverAllowance = under ? Duration.Zero : left,
        };
    }

    private static Duration Least(Duration a, Duration b, Duration c) => Duration.Min(a, Duration.Min(b, c));
}
