using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.PayRule;

namespace Marketplace.Payment.Settlement;

/// <summary>
/// An end and the terms of its job, to what everybody gets: one row for each assignment, with everything that its pay was computed from.
/// </summary>
internal sealed record Settlement
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required Guid WorkerId { get; init; }

    /// <summary>The end's name in lower case.</summary>
    public required string Ended { get; init; }
    public required int TermsVersion { get; init; }
    public required int PolicyVersion { get; init; }
    public required DateTimeOffset ClaimedAt { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required long ActiveMs { get; init; }
    public required long UnseenMs { get; init; }
    public required long AllowanceLeftMs { get; init; }
    public required bool FirstOfJob { get; init; }
    public required long RewardMicros { get; init; }
    public required long LimitMs { get; init; }
    public required long ReadingMs { get; init; }
    public required long FloorMicrosPerHour { get; init; }
    public required long CreditedMs { get; init; }
    public required long AllowanceUsedMs { get; init; }
    public required long OwedMicros { get; init; }

    /// <summary>The reward if it was submitted, else 0.</summary>
    public required long CountedMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long PayMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long ChargedMicros { get; init; }

    /// <summary>What the escrow lacked: the worker is paid all the same. 0 unless there is a bug.</summary>
    public required long ShortfallMicros { get; init; }

    /// <summary>What the worker is owed after it, and the last entry that moved that.</summary>
    public required long BalanceMicros { get; init; }
    public required long BalanceVersion { get; init; }

    /// <summary>Settles an end.</summary>
    /// <param name="end">How the assignment ended.</param>
    /// <param name="terms">The terms that it was claimed under.</param>
    /// <param name="escrow">What is left of the job's budget.</param>
    /// <exception cref="ArgumentOutOfRangeException">The times contradict each other.</exception>
    internal static Settlement Of(TaskCompleted end, JobTerms terms, Money escrow)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(end.UnseenMs);
        ArgumentOutOfRangeException.ThrowIfNegative(end.AllowanceLeftMs);
        var pay = Pay.Of(terms, Credit.KindOf(end.End), new TimeSpent
        {
            Wall = Duration.Between(end.ClaimedAt, end.EndedAt),
            Active = new Duration(end.ActiveMs),
            Asked = new Duration(end.UnseenMs),
            AllowanceLeft = new Duration(end.AllowanceLeftMs),
            FirstOfJob = end.FirstOfJob,
        });

        return new Settlement
        {
            AssignmentId = end.AssignmentId,
            JobId = end.JobId,
            WorkerId = end.WorkerId,
            Ended = NameOf(end.End),
            TermsVersion = end.TermsVersion,
            PolicyVersion = terms.Policy.Version,
            ClaimedAt = end.ClaimedAt,
            EndedAt = end.EndedAt,
            ActiveMs = end.ActiveMs,
            UnseenMs = end.UnseenMs,
            AllowanceLeftMs = end.AllowanceLeftMs,
            FirstOfJob = end.FirstOfJob,
            RewardMicros = terms.Reward.Micros,
            LimitMs = terms.Limit.Ms,
            ReadingMs = terms.Reading.Ms,
            FloorMicrosPerHour = terms.Policy.FloorPerHour.Micros,
            CreditedMs = pay.Credit.Credited.Ms,
            AllowanceUsedMs = pay.Credit.AllowanceUsed.Ms,
            OwedMicros = pay.Owed.Micros,
            CountedMicros = pay.Reward.Micros,
            TopUpMicros = pay.TopUp.Micros,
            PayMicros = pay.Amount.Micros,
            FeeMicros = pay.Fee.Micros,
            LevyMicros = pay.Levy.Micros,
            ChargedMicros = pay.Charged.Micros,
            ShortfallMicros = (pay.Charged - Money.Min(pay.Charged, escrow)).Micros,
            BalanceMicros = 0,
            BalanceVersion = 0,
        };
    }

    /// <summary>The end that this was settled from.</summary>
    internal TaskCompleted End() => new()
    {
        AssignmentId = AssignmentId,
        JobId = JobId,
        WorkerId = WorkerId,
        End = Enum.Parse<AssignmentEnd>(Ended, ignoreCase: true),
        TermsVersion = TermsVersion,
        ClaimedAt = ClaimedAt,
        EndedAt = EndedAt,
        ActiveMs = ActiveMs,
        UnseenMs = UnseenMs,
        AllowanceLeftMs = AllowanceLeftMs,
        FirstOfJob = FirstOfJob,
    };

    /// <summary>What the worker hears.</summary>
    /// <param name="entryNumber">The entry, by the order of commit.</param>
    /// <param name="salt">What opens the entry's commitments.</param>
    /// <param name="secret">The log's, under which the entry's key is public.</param>
    internal WorkerPaid Paid(long entryNumber, byte[] salt, byte[] secret) => new()
    {
        EntryNumber = entryNumber,
        EntryKey = PublicKey.Of(secret, Entry.AssignmentKey(AssignmentId)),
        AssignmentId = AssignmentId,
        WorkerId = WorkerId,
        End = Enum.Parse<AssignmentEnd>(Ended, ignoreCase: true),
        RewardMicros = CountedMicros,
        TopUpMicros = TopUpMicros,
        PayMicros = PayMicros,
        CreditedMs = CreditedMs,
        AllowanceUsedMs = AllowanceUsedMs,
        FloorMicrosPerHour = FloorMicrosPerHour,
        PolicyVersion = PolicyVersion,
        BalanceMicros = BalanceMicros,
        BalanceVersion = BalanceVersion,
        Salt = salt,
    };

    /// <summary>The first field in which two messages about one assignment contradict each other; null where they agree.</summary>
    internal static string? Difference(TaskCompleted first, TaskCompleted second) =>
        first.JobId != second.JobId ? nameof(first.JobId)
        : first.WorkerId != second.WorkerId ? nameof(first.WorkerId)
        : first.End != second.End ? nameof(first.End)
        : first.TermsVersion != second.TermsVersion ? nameof(first.TermsVersion)
        : Ms(first.ClaimedAt) != Ms(second.ClaimedAt) ? nameof(first.ClaimedAt)
        : Ms(first.EndedAt) != Ms(second.EndedAt) ? nameof(first.EndedAt)
        : first.ActiveMs != second.ActiveMs ? nameof(first.ActiveMs)
        : first.UnseenMs != second.UnseenMs ? nameof(first.UnseenMs)
        : first.AllowanceLeftMs != second.AllowanceLeftMs ? nameof(first.AllowanceLeftMs)
        : first.FirstOfJob != second.FirstOfJob ? nameof(first.FirstOfJob)
        : null;

    private static long Ms(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private static string NameOf(AssignmentEnd end) => end switch
    {
        AssignmentEnd.Submitted => "submitted",
        AssignmentEnd.Returned => "returned",
        AssignmentEnd.Expired => "expired",
        AssignmentEnd.Broken => "broken",
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "is no end of an assignment"),
    };
}
