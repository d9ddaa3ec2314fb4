using Marketplace.Contracts;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Settlement;

/// <summary>
/// Ends settled one after the other, as if each had come alone: every one sees the escrow and the balance that the one before it left. Pure:
/// what it says is written afterwards in one go.
/// </summary>
internal sealed class SettledBatch
{
    private readonly BeforeSettling _before;
    private readonly Dictionary<Guid, Job> _jobs = [];
    private readonly Dictionary<Guid, Money> _escrows;
    private readonly Dictionary<Guid, (Money Balance, long Version)> _workers;
    private readonly List<(Settlement Settlement, WorkerMark Worker)> _settled = [];

    /// <param name="before">What was locked and read: jobs, policies, what is left of each job's budget and owed to each worker.</param>
    /// <param name="ends">All that will be settled.</param>
    internal SettledBatch(BeforeSettling before, IReadOnlyCollection<TaskCompleted> ends)
    {
        // What we owe is a credit, which is negative.
        (Money Balance, long Version) Owed(Account account) =>
            before.Accounts.TryGetValue(account.Name, out var found) ? (new Money(-found.BalanceMicros), found.Version) : default;

        _before = before;
        _escrows = before.Jobs.Keys.ToDictionary(j => j, j => Owed(Account.Escrow(j)).Balance);
        _workers = ends.Select(e => e.WorkerId).Distinct().ToDictionary(w => w, w => Owed(Account.Payable(w)));
    }

    /// <summary>In the order of their entries: the first has the number after the ledger's last.</summary>
    internal IReadOnlyList<(Settlement Settlement, WorkerMark Worker)> Settled => _settled;

    /// <summary>The jobs that ends were settled of, as they were and as they are now, each with what its escrow does next.</summary>
    internal IEnumerable<(Job Before, Job After, EscrowMove Move)> Jobs =>
        _jobs.Values.OrderBy(j => j.JobId).Select(j => (_before.Jobs[j.JobId], j, j.Next(_escrows[j.JobId])));

    /// <exception cref="InvalidOperationException">The end is of no job that could be worked on, or under other terms; it names the field.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Its times contradict each other.</exception>
    internal void Settle(TaskCompleted end, byte[] salt)
    {
        var job = _jobs.GetValueOrDefault(end.JobId) ?? _before.Jobs[end.JobId];
        if (!job.IsFunded)
            throw new InvalidOperationException($"Assignment {end.AssignmentId}: JobId {end.JobId} was refused, nobody can have worked on it.");
        if (end.TermsVersion != job.TermsVersion)
            throw new InvalidOperationException($"Assignment {end.AssignmentId}: TermsVersion {end.TermsVersion} is not one of job {end.JobId}, which has {job.TermsVersion}.");

        var settlement = Settlement.Of(end, job.Terms(_before.Policies[job.PolicyVersion!.Value]), _escrows.GetValueOrDefault(end.JobId));
        var (balance, version) = _workers.GetValueOrDefault(end.WorkerId);
        if (settlement.PayMicros > 0)
            (balance, version) = (balance + new Money(settlement.PayMicros), _before.Head.LastNumber + _settled.Count + 1);

        _workers[end.WorkerId] = (balance, version);
        _escrows[end.JobId] = _escrows.GetValueOrDefault(end.JobId) - new Money(settlement.ChargedMicros - settlement.ShortfallMicros);
        _jobs[end.JobId] = job with { Ended = job.Ended + 1 };
        _settled.Add((settlement with { BalanceMicros = balance.Micros, BalanceVersion = version }, new WorkerMark(end.WorkerId, salt)));
    }

    /// <summary>The entries of all ends in order, and after them what finished jobs give back.</summary>
    internal List<Entry> Entries() =>
    [
        .. _settled.Select(s => Entry.AssignmentPaid(
            s.Settlement.AssignmentId,
            s.Settlement.JobId,
            s.Worker,
            new Money(s.Settlement.PayMicros),
            new Money(s.Settlement.FeeMicros),
            new Money(s.Settlement.LevyMicros),
            new Money(s.Settlement.ShortfallMicros))),
        .. Jobs.SelectMany(j => FundJob.Entries(j.After, j.Move)),
    ];
}
