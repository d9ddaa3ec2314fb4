using Marketplace.Faults.People;

namespace Marketplace.Faults.Books;

/// <summary>
/// What the checker looks at: what people were told, what the public ledger says, and what the pages of each person and job say now.
/// Nothing is read from a database.
/// </summary>
internal sealed record AllBooks
{
    internal required Memory Told { get; init; }
    internal required IReadOnlyList<LedgerLine> Ledger { get; init; }

    /// <summary>The published balances, by the names of the trial balance.</summary>
    internal required IReadOnlyDictionary<string, long> TrialBalance { get; init; }
    internal required IReadOnlyDictionary<Guid, JobBook> Jobs { get; init; }

    /// <summary>What each requester's own page says is left on deposit.</summary>
    internal required IReadOnlyDictionary<Guid, long> Deposits { get; init; }
    internal required IReadOnlyDictionary<Guid, WorkerBook> Workers { get; init; }

    /// <summary>Pay entries of people who were here before this run, as they were seen then.</summary>
    internal required IReadOnlySet<long> PaidBefore { get; init; }

    /// <summary>Deposits and payouts of runs before this one.</summary>
    internal required IReadOnlySet<long> BookedBefore { get; init; }
    internal required long Waiting { get; init; }
    internal required IReadOnlyDictionary<string, long> GivenUp { get; init; }
}

/// <summary>A job as its requester sees it.</summary>
internal sealed record JobBook(string State, long? Funded, IReadOnlyList<AnswerLine> Answers);

/// <summary>A line of a job's results. People write texts that nobody else writes, so the text says whose answer to what it is.</summary>
internal sealed record AnswerLine(int Task, string Text, Guid Person);

/// <summary>A worker's own pages.</summary>
internal sealed record WorkerBook(long BalanceMicros, long PayableMicros, IReadOnlyList<PayslipLine> Payslip, IReadOnlyList<PayoutLine> Payouts);

/// <summary>A line of a payslip; without the public key of an entry while the pay is on its way.</summary>
internal sealed record PayslipLine(Guid Assignment, Guid Job, string End, long CreditedMs, long PayMicros, string? Entry, string? Salt);

/// <summary>A payout as its owner sees it.</summary>
internal sealed record PayoutLine(Guid Payout, long AmountMicros, string State, long? IssuedEntry);
