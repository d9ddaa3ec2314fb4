using System.Globalization;
using System.Text.Json;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>Compares the sums of the entries with the trial balance that the marketplace publishes beside them.</summary>
internal static class ReadPublishedBalance
{
    /// <summary>How they differ, in a sentence; null where they are equal. It is published for the sizes of signed checkpoints alone.</summary>
    /// <exception cref="FormatException">What is published is no trial balance.</exception>
    internal static async Task<string?> Compare(LogClient log, long upTo, IReadOnlyDictionary<string, long> computed, CancellationToken cancel)
    {
        var published = Read(await log.Text($"ledger/trial-balance?upTo={upTo.ToString(CultureInfo.InvariantCulture)}", cancel));
        foreach (var account in computed.Keys.Union(published.Keys))
        {
            var (said, sum) = (published.GetValueOrDefault(account), computed.GetValueOrDefault(account));
            if (said != sum)
                return string.Create(CultureInfo.InvariantCulture, $"{account} is published as {said} micro-units, and its entries sum to {sum}");
        }

        return null;
    }

    private static Dictionary<string, long> Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var published = new Dictionary<string, long>();
            foreach (var account in json.RootElement.GetProperty("accounts").EnumerateArray())
                published[account.GetProperty("account").GetString()!] = account.GetProperty("balanceMicros").GetInt64();
            return published;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"The published trial balance is none. {e.Message}");
        }
    }
}
