namespace Marketplace.Contracts;

/// <summary>
/// Payment → worker: an assignment was settled, at 0 too. Key: the entry (and so the assignment); a consumer keeps the first,
/// and of the balance the one with the largest version. Money in micro-units, times in ms.
/// </summary>
public sealed record WorkerPaid
{
    /// <summary>The ledger entry's number inside payment: the order of commit, which is shown to nobody. Its public number is given at publication.</summary>
    public required long EntryNumber { get; init; }

    /// <summary>
    /// The entry's public key, 32 bytes: the name under which it is found once it is public. Null only in messages of versions before it.
    /// </summary>
    public byte[]? EntryKey { get; init; }
    public required Guid AssignmentId { get; init; }
    public required Guid WorkerId { get; init; }
    public required AssignmentEnd End { get; init; }
    public required long RewardMicros { get; init; }
    public required long TopUpMicros { get; init; }

    /// <summary>Reward counted plus top-up.</summary>
    public required long PayMicros { get; init; }
    public required long CreditedMs { get; init; }

    /// <summary>What this end used of the allowance.</summary>
    public required long AllowanceUsedMs { get; init; }
    public required long FloorMicrosPerHour { get; init; }
    public required int PolicyVersion { get; init; }

    /// <summary>What the cooperative owes the worker after this entry.</summary>
    public required long BalanceMicros { get; init; }
    public required long BalanceVersion { get; init; }

    /// <summary>32 random bytes that open the public entry's commitments, of the worker and of the facts; only the worker gets them.</summary>
    public required byte[] Salt { get; init; }
}
