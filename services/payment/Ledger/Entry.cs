using Marketplace.Contracts;

namespace Marketplace.Payment.Ledger;

/// <summary>One line of an entry. Debit is positive, credit negative.</summary>
internal sealed record Posting(Account Account, Money Amount);

/// <summary>What an entry is about. The text in the database.</summary>
internal static class EntryKind
{
    internal const string PolicyAdopted = "policy-adopted";
    internal const string Deposit = "deposit";
    internal const string JobFunded = "job-funded";
    internal const string EscrowReturned = "escrow-returned";
    internal const string AssignmentPaid = "assignment-paid";
    internal const string PayoutIssued = "payout-issued";
    internal const string PayoutSettled = "payout-settled";
    internal const string PayoutFailed = "payout-failed";
    internal const string PayoutReturned = "payout-returned";
}

/// <summary>
/// Something that happened to money, under the natural key that keeps it from being booked twice. Its number and its moment are given
/// when it is posted. Postings of amount 0 are left out, so an entry may have none.
/// </summary>
internal sealed record Entry
{
    internal required string Key { get; init; }
    internal required string Kind { get; init; }
    internal Guid? JobId { get; init; }

    /// <summary>The worker it is about, hidden behind a commitment in everything public.</summary>
    internal WorkerMark? Worker { get; init; }

    internal IReadOnlyList<Posting> Postings { get; private init; } = [];

    internal static Entry PolicyAdopted(int version) => new() { Key = $"policy:{version}", Kind = EntryKind.PolicyAdopted };

    /// <summary>A requester's money arrived: bank → deposit.</summary>
    internal static Entry Deposited(string rail, string reference, Guid requester, Money amount) =>
        new Entry { Key = $"deposit:{rail}:{reference}", Kind = EntryKind.Deposit }
            .Move(amount, from: Account.Deposit(requester), to: Account.Bank(rail));

    /// <summary>What a job's budget grew by, up to <paramref name="total"/>: deposit → escrow.</summary>
    internal static Entry JobFunded(Guid job, Guid requester, Money total, Money grown) =>
        new Entry { Key = $"job:{job}:budget:{total.Micros}", Kind = EntryKind.JobFunded, JobId = job }
            .Move(grown, from: Account.Escrow(job), to: Account.Deposit(requester));

    /// <summary>What a refused or finished job does not need, of a budget of <paramref name="total"/>: escrow → deposit.</summary>
    internal static Entry EscrowReturned(Guid job, Guid requester, Money total, Money rest) =>
        new Entry { Key = $"job:{job}:returned:{total.Micros}", Kind = EntryKind.EscrowReturned, JobId = job }
            .Move(rest, from: Account.Deposit(requester), to: Account.Escrow(job));

    internal static string AssignmentKey(Guid assignment) => $"assignment:{assignment}";

    /// <summary>Escrow (and, if it ever lacks anything, the cooperative) → worker, fee and commons.</summary>
    internal static Entry AssignmentPaid(Guid assignment, Guid job, WorkerMark worker, Money pay, Money fee, Money levy, Money shortfall) =>
        new Entry { Key = AssignmentKey(assignment), Kind = EntryKind.AssignmentPaid, JobId = job, Worker = worker }
            .With(Account.Escrow(job), pay + fee + levy - shortfall)
            .With(Account.Shortfall, shortfall)
            .With(Account.Payable(worker.WorkerId), Money.Zero - pay)
            .With(Account.Fees, Money.Zero - fee)
            .With(Account.Commons, Money.Zero - levy);

    /// <summary>The key of a payout's step: it is issued once, settles or fails once, returns at most once.</summary>
    internal static string PayoutKey(Guid payout, string kind) => kind switch
    {
        EntryKind.PayoutIssued => $"payout:{payout}:issued",
        EntryKind.PayoutReturned => $"payout:{payout}:returned",
        _ => $"payout:{payout}:resolved",
    };

    /// <summary>A step of a payout: payable → in transit → bank, or back to payable.</summary>
    internal static Entry PayoutStep(Guid payout, string kind, string rail, WorkerMark worker, Money amount)
    {
        var entry = new Entry { Key = PayoutKey(payout, kind), Kind = kind, Worker = worker };
        var payable = Account.Payable(worker.WorkerId);
        var inTransit = Account.InTransit(worker.WorkerId);
        return kind switch
        {
            EntryKind.PayoutIssued => entry.Move(amount, from: inTransit, to: payable),
            EntryKind.PayoutSettled => entry.Move(amount, from: Account.Bank(rail), to: inTransit),
            EntryKind.PayoutFailed => entry.Move(amount, from: payable, to: inTransit),
            EntryKind.PayoutReturned => entry.Move(amount, from: payable, to: Account.Bank(rail)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no step of a payout"),
        };
    }

    /// <summary>Credits one account and debits the other.</summary>
    private Entry Move(Money amount, Account from, Account to) => With(to, amount).With(from, Money.Zero - amount);

    private Entry With(Account account, Money amount) =>
        amount == Money.Zero ? this : this with { Postings = [.. Postings, new Posting(account, amount)] };
}

/// <summary>A worker in one entry: the id stays here, the commitment is public, the salt that ties them is the worker's.</summary>
internal sealed record WorkerMark(Guid WorkerId, byte[] Salt);
