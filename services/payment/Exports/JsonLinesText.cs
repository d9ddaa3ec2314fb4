using System.Buffers;
using System.Text.Json;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Exports;

/// <summary>The ledger as JSON Lines: each entry as its own address gives it; the last line is an object with <c>end</c> alone.</summary>
internal static class JsonLinesText
{
    internal static readonly ExportFormat Format = new()
    {
        Extension = "jsonl",
        ContentType = "application/jsonl; charset=utf-8",
        WriteHead = (_, _) => { },
        WriteEntry = (output, entry, _) => Write(output, entry),
        WriteEnd = (_, _, _) => { },
        WriteSeal = (output, rows, sha256) => output.Add("{\"end\":{\"rows\":"u8).Add(rows).Add(",\"sha256\":\""u8).Add(sha256).Add("\"}}\n"u8),
    };

    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = LedgerJson.Readable.Options.Encoder };

    internal static int Write(IBufferWriter<byte> output, PublicEntry entry)
    {
        using (var json = new Utf8JsonWriter(output, Options))
            JsonSerializer.Serialize(json, entry, LedgerJson.Readable.PublicEntry);
        output.Add("\n"u8);
        return 1;
    }
}
