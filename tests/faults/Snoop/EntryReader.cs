using System.Text.Json;

namespace Marketplace.Faults.Snoop;

/// <summary>Reads a public entry of either version of the leaf, as pages for programs and the download say it.</summary>
internal static class EntryReader
{
    private const string DepositOf = "liabilities:requester:";

    /// <summary>Null for what is no entry, as the last line of a download.</summary>
    internal static SeenEntry? Read(long t, string by, JsonElement entry)
    {
        if (!entry.TryGetProperty("number", out var number) || Text(entry, "kind") is not { } kind)
            return null;

        return new()
        {
            T = t,
            By = by,
            Number = number.GetInt64(),
            Kind = kind,
            Job = Guid.TryParse(Text(entry, "jobId"), out var job) ? job : null,
            Key = Text(entry, "key"),
            Commitment = Text(entry, "commitment"),
            AmountMicros = entry.GetProperty("postings").EnumerateArray().Select(p => p.GetProperty("amountMicros").GetInt64())
                .Where(a => a > 0).Sum(),
            Requester = kind == "deposit" ? RequesterOf(entry) : null,
            Pay = entry.TryGetProperty("pay", out var pay) && pay.ValueKind == JsonValueKind.Object ? PayOf(pay) : null,
        };
    }

    private static SeenPay PayOf(JsonElement pay) => new(
        Text(pay, "end") ?? "",
        Number(pay, "creditedMs") ?? 0,
        Number(pay, "payMicros") ?? 0,
        Number(pay, "feeMicros") ?? 0,
        Number(pay, "levyMicros") ?? 0,
        Number(pay, "allowanceLeftMs"),
        Number(pay, "activeMs"),
        Number(pay, "unseenMs"),
        pay.TryGetProperty("firstOfJob", out var first) && first.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? first.GetBoolean() : null);

    private static Guid? RequesterOf(JsonElement entry) => entry.GetProperty("postings").EnumerateArray()
        .Select(p => Text(p, "account") ?? "")
        .Where(a => a.StartsWith(DepositOf, StringComparison.Ordinal))
        .Select(a => Guid.TryParse(a[DepositOf.Length..].Split(':')[0], out var requester) ? requester : (Guid?)null)
        .FirstOrDefault(r => r is not null);

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
