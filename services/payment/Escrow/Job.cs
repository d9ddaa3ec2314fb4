using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Payment.Escrow;

/// <summary>
/// What payment knows of a job. Its messages come in any order: until the job is posted there are no terms and nothing is booked.
/// </summary>
internal sealed record Job
{
    public required Guid JobId { get; init; }
    public required Guid? RequesterId { get; init; }
    public required DateTimeOffset? PostedAt { get; init; }
    public required int? TermsVersion { get; init; }
    public required long? RewardMicros { get; init; }
    public required long? EstimateMs { get; init; }
    public required long? LimitMs { get; init; }
    public required long? ReadingMs { get; init; }
    public required int? PolicyVersion { get; init; }
    public required long? WorstMicros { get; init; }
    public required string? RefusedWhy { get; init; }

    /// <summary>All that was ever set aside, by the largest total heard.</summary>
    public required long BudgetTotalMicros { get; init; }

    /// <summary>What of it is in the ledger.</summary>
    public required long BudgetBookedMicros { get; init; }

    /// <summary>P: ends settled.</summary>
    public required long Ended { get; init; }

    /// <summary>n: the largest number of claims published as funded.</summary>
    public required long Funded { get; init; }

    /// <summary>C: claims ever made, once there are no more; null before.</summary>
    public required long? Claims { get; init; }
    public required DateTimeOffset? FinishedAt { get; init; }
    public required long MeasuredVersion { get; init; }

    /// <summary>How many ends there were when it was last looked at whether its measure may be told.</summary>
    public required long LookedAt { get; init; }

    internal bool IsPosted => PostedAt is not null;

    internal bool IsRefused => RefusedWhy is not null;

    internal bool IsFunded => WorstMicros is not null;

    /// <summary>Every claim has ended: no money is needed any more.</summary>
    internal bool HasEnded => Claims is { } claims && Ended >= claims;

    /// <summary>The terms that pay is computed under.</summary>
    /// <exception cref="InvalidOperationException">The job is not funded.</exception>
    internal JobTerms Terms(PayPolicy policy) => IsFunded
        ? new JobTerms
        {
            Policy = policy,
            Reward = new Money(RewardMicros!.Value),
            Estimate = new Duration(EstimateMs!.Value),
            Limit = new Duration(LimitMs!.Value),
            Reading = new Duration(ReadingMs!.Value),
        }
        : throw new InvalidOperationException($"Job {JobId} has no terms.");

    /// <summary>What must be booked now that <paramref name="escrow"/> is left, and how many claims the rest allows.</summary>
    internal EscrowMove Next(Money escrow)
    {
        var grown = new Money(BudgetTotalMicros - BudgetBookedMicros);
        var rest = escrow + grown;
        var returned = IsRefused || HasEnded ? rest : Money.Zero;
        var funded = IsFunded ? Funding.Funded(Ended, rest - returned, Money.Zero, new Money(WorstMicros!.Value)) : 0;
        return new EscrowMove(grown, returned, Math.Max(Funded, funded), Finishes: IsFunded && HasEnded && FinishedAt is null);
    }
}

/// <summary>What a job's escrow gains from the deposit, what it gives back, and the claims funded then.</summary>
internal sealed record EscrowMove(Money Grown, Money Returned, long Funded, bool Finishes);
