using System.Text.Json;

namespace Marketplace.Faults.Books;

/// <summary>An entry of the public ledger, as a line of its download says it.</summary>
internal sealed record LedgerLine
{
    internal required long Number { get; init; }
    /// <summary>How many entries were public before its batch.</summary>
    internal required long Batch { get; init; }

    /// <summary>The public key.</summary>
    internal required string Key { get; init; }
    internal required string Kind { get; init; }
    internal required Guid? Job { get; init; }
    internal required string? Commitment { get; init; }
    internal required string? Payout { get; init; }
    internal required IReadOnlyList<(string Account, long Micros)> Postings { get; init; }
    internal required PayFacts? Pay { get; init; }

    /// <summary>What a pay entry says of the time it pays and of what it charges.</summary>
    internal sealed record PayFacts(long CreditedMs, long FloorMicrosPerHour, long PayMicros, long FeeMicros, long LevyMicros);

    internal long On(string account) => Postings.Where(p => p.Account == account).Sum(p => p.Micros);

    internal static IReadOnlyList<LedgerLine> Read(string download)
    {
        var lines = new List<LedgerLine>();
        foreach (var text in download.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // The last line counts and seals the ones before.
            using var line = JsonDocument.Parse(text);
            if (!line.RootElement.TryGetProperty("end", out _))
                lines.Add(Of(line.RootElement));
        }

        return lines;
    }

    internal static string Escrow(Guid job) => $"liabilities:job:{job}:escrow";

    internal static string Deposit(Guid requester) => $"liabilities:requester:{requester}:deposit";

    private static LedgerLine Of(JsonElement line) => new()
    {
        Number = line.GetProperty("number").GetInt64(),
        Batch = line.GetProperty("batch").GetInt64(),
        Key = line.GetProperty("key").GetString()!,
        Kind = line.GetProperty("kind").GetString()!,
        Job = line.GetProperty("jobId") is { ValueKind: JsonValueKind.String } job ? job.GetGuid() : null,
        Commitment = line.GetProperty("commitment").GetString(),
        Payout = line.GetProperty("payout").GetString(),
        Postings = [.. line.GetProperty("postings").EnumerateArray().Select(p => (p.GetProperty("account").GetString()!, p.GetProperty("amountMicros").GetInt64()))],
        Pay = line.GetProperty("pay") is { ValueKind: JsonValueKind.Object } pay ? FactsOf(pay) : null,
    };

    private static PayFacts FactsOf(JsonElement pay) => new(
        pay.GetProperty("creditedMs").GetInt64(),
        pay.GetProperty("floorMicrosPerHour").GetInt64(),
        pay.GetProperty("payMicros").GetInt64(),
        pay.GetProperty("feeMicros").GetInt64(),
        pay.GetProperty("levyMicros").GetInt64());
}
