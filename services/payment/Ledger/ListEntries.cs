using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>One page of entries, newest first.</summary>
internal sealed record EntryList
{
    public required EntryFilter Filter { get; init; }
    public required IReadOnlyList<PublicEntry> Entries { get; init; }

    /// <summary>The next page has the entries before this number; null: there are none.</summary>
    public required long? OlderBefore { get; init; }

    /// <summary>Why "job or account" leads nowhere, where it does not.</summary>
    public required string? Why { get; init; }
}

/// <summary>Reads one page of entries.</summary>
internal static class ListEntries
{
    internal const int OnAPage = 25;
    internal const int ForPrograms = 100;

    internal static async Task<EntryList> Handle(
        NpgsqlDataSource database, ReadAccountNames accounts, EntryFilter filter, int take, TimeZoneInfo zone, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var found = await FindEntries.Handle(connection, filter, take, zone, cancel);
        var numbers = found.Numbers.Take(take).ToArray();
        return new EntryList
        {
            Filter = filter,
            Entries = numbers.Length == 0 ? [] : await EntryQueries.ByNumbers(connection, numbers, accounts, cancel),
            OlderBefore = found.Numbers.Count > take ? numbers[^1] : null,
            Why = found.Why,
        };
    }
}
