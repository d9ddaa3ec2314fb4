using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// <c>Idempotency-Key</c>: the same key with the same request gets the first response again, for ever; with another request
/// it is refused. The table <c>idempotency_key</c> is the service's own; both calls run inside the request's transaction.
/// </summary>
public static class Idempotency
{
    public const int LongestKey = 200;

    /// <summary>What is known of a key: nothing yet, the first response, or that it was used for another request.</summary>
    public sealed record Known(bool Conflict, string? Response)
    {
        public static readonly Known Nothing = new(false, null);
    }

    /// <summary>The key of a request: its header, or the hidden field of a page's form of the same name; null where it has none.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0 && request.HasFormContentType)
            key = request.Form["Idempotency-Key"].ToString();
        return key.Length is > 0 and <= LongestKey ? key : null;
    }

    /// <summary>What identifies a request beside its key: the address and the values that it asks for.</summary>
    public static byte[] HashOf(string address, object request) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(address + "\n" + JsonSerializer.Serialize(request, WireJson.Options)));

    /// <summary>Takes the key, waiting for another request that holds it at this moment, and says what is known of it.</summary>
    public static async Task<Known> Find(Guid actor, string key, byte[] requestHash, NpgsqlTransaction transaction, CancellationToken cancel)
    {
        var row = new { Actor = actor, Key = key, RequestHash = requestHash };
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition(InsertKey, row, transaction, cancellationToken: cancel)) == 1)
            return Known.Nothing;

        var first = await transaction.Connection!.QuerySingleAsync<Row>(
            new CommandDefinition(SelectKey, row, transaction, cancellationToken: cancel));
        return new(!first.RequestHash.AsSpan().SequenceEqual(requestHash), first.Response);
    }

    /// <summary>Keeps the response that a repeat of the key will get.</summary>
    public static Task Save(Guid actor, string key, object response, NpgsqlTransaction transaction, CancellationToken cancel) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            UpdateKey,
            new { Actor = actor, Key = key, Response = JsonSerializer.Serialize(response, response.GetType(), WireJson.Options) },
            transaction,
            cancellationToken: cancel));

    private sealed record Row
    {
        public required byte[] RequestHash { get; init; }
        public required string? Response { get; init; }
    }

    private const string InsertKey = """
        insert into idempotency_key (actor, key, request_hash)
        values (@Actor, @Key, @RequestHash)
        on conflict (actor, key) do nothing
        """;

    private const string SelectKey = """
        select request_hash, response::text
        from idempotency_key
        where actor = @Actor and key = @Key
        """;

    private const string UpdateKey = """
        update idempotency_key
        set response = @Response::jsonb
        where actor = @Actor and key = @Key
        """;
}
