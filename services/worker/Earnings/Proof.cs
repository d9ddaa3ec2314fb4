using System.Globalization;

namespace Marketplace.Worker.Earnings;

/// <summary>
/// What shows that one entry of the public ledger is a worker's: its number, what it must say, and the three things that open
/// its commitment. Only that worker gets them. Money in micro-units, time in ms.
/// </summary>
internal sealed record Proof
{
    public required Guid AssignmentId { get; init; }
    public required Guid WorkerId { get; init; }
    public required string Title { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required long EntryNumber { get; init; }
    public required long PayMicros { get; init; }
    public required long CreditedMs { get; init; }

    /// <summary>32 random bytes, one's own for each entry.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>The natural key of the entry that pays an assignment, as payment writes it.</summary>
    public string EntryKey => $"assignment:{AssignmentId}";

    public string SaltHex => Convert.ToHexStringLower(Salt);

    /// <summary>Where the log gives the proof that the entry is in it.</summary>
    public string Receipt => string.Create(CultureInfo.InvariantCulture, $"/log/receipt/{EntryNumber}");

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"entry-{EntryNumber}.tlog-proof");
}
