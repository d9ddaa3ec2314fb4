using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Payment.Ledger;

/// <summary>Entries as JSON: the same text in a response, in a list, and as a line of the download.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PublicEntry))]
[JsonSerializable(typeof(EntryPage))]
[JsonSerializable(typeof(PublicTrialBalance))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>Letters of every script stay letters; it is never put into a page.</summary>
    internal static readonly LedgerJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>A page of entries for programs.</summary>
internal sealed record EntryPage
{
    public required IReadOnlyList<PublicEntry> Entries { get; init; }

    /// <summary>The address of the next page, with older entries; null on the last.</summary>
    public required string? Older { get; init; }
}

/// <summary>The trial balance for programs.</summary>
internal sealed record PublicTrialBalance
{
    public required string Currency { get; init; }
    public required long Entries { get; init; }
    public required IReadOnlyList<BalanceLine> Accounts { get; init; }
    public required long DebitMicros { get; init; }
    public required long CreditMicros { get; init; }
}
