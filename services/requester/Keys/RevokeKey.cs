using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Keys;

/// <summary>Ends a key at once and for ever; twice is once.</summary>
internal static class RevokeKey
{
    internal static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Guid keyId, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var known = await connection.ExecuteAsync(new CommandDefinition(
            UpdateKey, new { KeyId = keyId, Requester = user.Id(), Now = clock.Now() }, cancellationToken: cancel));
        return known == 1 ? TypedResults.NoContent() : Problems.Refuse(404, "No such key", "You have no key with this id.");
    }

    private const string UpdateKey = """
        update api_key
        set revoked_at = coalesce(revoked_at, @Now)
        where key_id = @KeyId and requester_id = @Requester
        """;
}
