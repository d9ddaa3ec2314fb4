using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Requester.Keys;

/// <summary>A requester's keys, newest first; never the keys themselves.</summary>
internal static class ListKeys
{
    internal sealed record Key
    {
        public required Guid KeyId { get; init; }
        public required string Name { get; init; }

        /// <summary>How the key begins.</summary>
        public required string StartsWith { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public required DateTimeOffset? RevokedAt { get; init; }
    }

    internal static async Task<IReadOnlyList<Key>> Handle(ClaimsPrincipal user, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await connection.QueryAsync<Key>(new CommandDefinition(
            SelectKeys, new { Requester = user.Id() }, cancellationToken: cancel))).AsList();
    }

    private const string SelectKeys = """
        select key_id, name, starts_with, created_at, revoked_at
        from api_key
        where requester_id = @Requester
        order by created_at desc
        limit 200
        """;
}
