using System.Collections.Concurrent;
using Dapper;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// Kinds and public names of accounts, and the secret under which keys are hidden: what never changes once it is there,
/// kept in memory so that a page with many postings asks for none of it.
/// </summary>
internal sealed class ReadAccountNames
{
    private readonly ConcurrentDictionary<long, (string Kind, string Name)> _known = new();
    private byte[]? _secret;

    /// <summary>The account, which <see cref="Learn"/> was told of before.</summary>
    internal (string Kind, string Name) this[long accountId] => _known[accountId];

    /// <summary>Reads the names of those accounts that are not known yet.</summary>
    internal async Task Learn(NpgsqlConnection connection, IEnumerable<long> accountIds, CancellationToken cancel)
    {
        var missing = accountIds.Where(id => !_known.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length == 0)
            return;

        var rows = await connection.QueryAsync<Row>(new CommandDefinition(SelectNames, new { Ids = missing }, cancellationToken: cancel));
        foreach (var row in rows)
            _known[row.AccountId] = (string.Intern(row.Kind), string.Intern(row.PublicName));
    }

    internal async Task<byte[]> Secret(NpgsqlConnection connection, CancellationToken cancel) =>
        _secret ??= await connection.QuerySingleAsync<byte[]>(new CommandDefinition(SelectSecret, cancellationToken: cancel));

    private sealed record Row
    {
        public required long AccountId { get; init; }
        public required string Kind { get; init; }
        public required string PublicName { get; init; }
    }

    private const string SelectNames = """
        select account_id, kind, public_name
        from account
        where account_id = any(@Ids)
        """;

    private const string SelectSecret = """
        select secret
        from ledger_head
        """;
}
