using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// What an assignment's credited time followed from: a person's day, which is nobody else's business. Public is only a commitment to it,
/// which the worker's receipt opens. Times in ms, none negative.
/// </summary>
internal sealed record DayFacts
{
    private const byte Domain = 1;

    public required long ActiveMs { get; init; }
    public required long AllowanceLeftMs { get; init; }
    public required bool FirstOfJob { get; init; }
    public required long UnseenMs { get; init; }

    /// <summary>From the claim to the end.</summary>
    public required long WallMs { get; init; }

    /// <summary>The wall time between a claim and its end, both of whole milliseconds.</summary>
    internal static long Wall(DateTimeOffset claimedAt, DateTimeOffset endedAt) => (endedAt - claimedAt).Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>The lines that are committed to, sorted by name, each ended by a line feed.</summary>
    internal string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"active={ActiveMs}\nallowance-left={AllowanceLeftMs}\nfirst-of-job={(FirstOfJob ? 1 : 0)}\nunseen={UnseenMs}\nwall={WallMs}\n");

    /// <summary>SHA-256(salt ‖ 0x01 ‖ lines): the salt of the entry, another domain than the commitment to the worker.</summary>
    internal byte[] Commitment(byte[] salt) => SHA256.HashData([.. salt, Domain, .. Encoding.UTF8.GetBytes(Text)]);
}
