using System.Globalization;
using System.Text.Json;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>Compares the sums of the entries with the trial balance that the marketplace publishes beside them.</summary>
internal static class ReadPublishedBalance
{
    /// <summary>How they differ, in a sentence; null where they are equal.</summary>
    internal static async Task<string?> Compare(LogClient log, long upTo, IReadOnlyDictionary<string, long> computed, CancellationToken cancel)
    {
        using var json = JsonDocument.Parse(await log.Text($"ledger/trial-balance?upTo={upTo.ToString(CultureInfo.InvariantCulture)}", cancel));
        var published = new Dictionary<string, long>();
        foreach (var account in json.RootElement.GetProperty("accounts").EnumerateArray())
            published[account.GetProperty("account").GetString()!] = account.GetProperty("balanceMicros").GetInt64();

        foreach (var account in computed.Keys.Union(published.Keys))
        {
            var (said, sum) = (published.GetValueOrDefault(account), computed.GetValueOrDefault(account));
            if (said != sum)
                return string.Create(CultureInfo.InvariantCulture, $"{account} is published as {said} micro-units, and its entries sum to {sum}");
        }

        return null;
    }
}
