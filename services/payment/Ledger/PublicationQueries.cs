using Dapper;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>How far the ledger is public. What was numbered and is not in a checkpoint yet is not.</summary>
internal static class PublicationQueries
{
    /// <summary>How many entries are public: everything that anybody sees ends there.</summary>
    internal static async Task<long> Size(NpgsqlConnection connection, CancellationToken cancel) =>
        await connection.ExecuteScalarAsync<long?>(new CommandDefinition(SelectSize, cancellationToken: cancel)) ?? 0;

    /// <summary>Whether the ledger was ever public up to exactly this entry.</summary>
    internal static Task<bool> Was(long size, NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(SelectWas, new { Size = size }, cancellationToken: cancel));

    /// <summary>The public number of the entry with this public key; null while it is not public.</summary>
    internal static Task<long?> Number(byte[] key, NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ExecuteScalarAsync<long?>(new CommandDefinition(SelectNumber, new { Key = key }, cancellationToken: cancel));

    // The right end of the primary key.
    internal const string SelectSize = """
        select size
        from log_checkpoint
        order by size desc
        limit 1
        """;

    private const string SelectWas = """
        select exists (select from log_checkpoint where size = @Size)
        """;

    private const string SelectNumber = $"""
        select number
        from public_entry
        where key = @Key and number <= ({SelectSize})
        """;
}
