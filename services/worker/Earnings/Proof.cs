namespace Marketplace.Worker.Earnings;

/// <summary>
/// What shows that one entry of the public ledger is a worker's, and how its time followed: what it must say, what it was computed from, and what
/// opens its commitments. Only that worker gets it, at once; the entry and its receipt are there when it is public. Money in micro-units, time in ms.
/// </summary>
internal sealed record Proof
{
    public required Guid AssignmentId { get; init; }
    public required Guid WorkerId { get; init; }
    public required string Title { get; init; }
    public required string End { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required long PayMicros { get; init; }
    public required long CreditedMs { get; init; }
    public required ProofFacts Facts { get; init; }
    public required long LimitMs { get; init; }
    public required long ReadingMs { get; init; }
    public required long FloorMicrosPerHour { get; init; }

    /// <summary>32 random bytes, one's own for each entry.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>The entry's public key in hex; null of entries from before there were keys.</summary>
    public required string? PublicKey { get; init; }

    /// <summary>When everybody can see the entry.</summary>
    public required DateTimeOffset PublicFrom { get; init; }
    public required bool IsPublic { get; init; }

    /// <summary>The natural key of the entry that pays an assignment, as payment writes it.</summary>
    public string EntryKey => $"assignment:{AssignmentId}";

    public string SaltHex => Convert.ToHexStringLower(Salt);

    /// <summary>Where the worker gets the proof that the entry is in the log, with what opens it.</summary>
    public string Receipt => ReceiptOf(AssignmentId);

    /// <summary>Where everybody finds the entry; null where only the receipt tells.</summary>
    public string? Entry => PublicKey is null ? null : $"/ledger/entries/{PublicKey}";

    internal static string ReceiptOf(Guid assignmentId) => $"/ledger/receipts/{assignmentId}";

    internal static string? Hex(byte[]? key) => key is null ? null : Convert.ToHexStringLower(key);

    /// <summary>The proof of a line that payment has settled.</summary>
    internal static Proof Of(PayslipLine line, Guid workerId, byte[] salt, DateTimeOffset publicFrom, bool isPublic) => new()
    {
        AssignmentId = line.Assignment.AssignmentId,
        WorkerId = workerId,
        Title = line.Assignment.Title,
        End = line.Assignment.End,
        EndedAt = line.Assignment.EndedAt,
        PayMicros = line.Pay.Micros,
        CreditedMs = line.Credited.Ms,
        Facts = new(line.Assignment.ActiveMs, line.Assignment.AllowanceLeftMs, line.Assignment.FirstOfJob, line.Assignment.UnseenMs, line.Wall.Ms),
        LimitMs = line.Assignment.LimitMs,
        ReadingMs = line.Assignment.ReadingMs,
        FloorMicrosPerHour = line.Floor.Micros,
        Salt = salt,
        PublicKey = Hex(line.Assignment.EntryKey),
        PublicFrom = publicFrom,
        IsPublic = isPublic,
    };
}

/// <summary>How the credited time followed: what the public entry is only committed to.</summary>
internal sealed record ProofFacts(long ActiveMs, long AllowanceLeftMs, bool FirstOfJob, long UnseenMs, long WallMs);
