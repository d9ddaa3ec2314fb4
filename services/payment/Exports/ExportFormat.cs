using System.Buffers;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Exports;

/// <summary>A way to write the ledger down. Each part writes whole lines; nothing it does depends on the reader's language.</summary>
internal sealed record ExportFormat
{
    /// <summary>The ending of the file's name and of the address: csv.</summary>
    public required string Extension { get; init; }
    public required string ContentType { get; init; }
    public required Action<IBufferWriter<byte>, ExportedPart> WriteHead { get; init; }

    /// <summary>Writes one entry, dated a day that is never before that of the entry before, and says how many rows that made.</summary>
    public required Func<IBufferWriter<byte>, PublicEntry, DateOnly, int> WriteEntry { get; init; }

    /// <summary>What follows the last entry; the day is the last one's.</summary>
    public required Action<IBufferWriter<byte>, ExportedPart, DateOnly> WriteEnd { get; init; }

    /// <summary>The last line: how many rows there were, and the SHA-256, in hex, of all bytes before this line.</summary>
    public required Action<IBufferWriter<byte>, long, string> WriteSeal { get; init; }
}
