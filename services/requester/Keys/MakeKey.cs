using System.Security.Claims;
using System.Security.Cryptography;
using Dapper;
using FluentValidation;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Keys;

/// <summary>Makes a key for a program, which then acts as its requester under <c>/api</c>.</summary>
internal static class MakeKey
{
    /// <param name="Name">What the key is for, in the requester's words.</param>
    internal sealed record Request(string Name);

    /// <summary>The key itself is shown now, and never again.</summary>
    internal sealed record Response(Guid KeyId, string Name, string Key);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Name).NotEmpty().MaximumLength(100).Must(n => n?.Any(char.IsControl) != true)
            .WithMessage("Give the key a name of at most 100 letters.");
    }

    internal static async Task<Created<Response>> Handle(
        Request request, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        var key = ApiKey.From(RandomNumberGenerator.GetBytes(32));
        var keyId = Guid.CreateVersion7();
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            InsertKey,
            new
            {
                KeyId = keyId,
                Requester = user.Id(),
                RequesterName = user.DisplayName(),
                request.Name,
                StartsWith = key[..ApiKey.Shown],
                Hash = ApiKey.Hash(key),
                Now = clock.Now(),
            },
            cancellationToken: cancel));
        return TypedResults.Created($"/api/keys/{keyId}", new Response(keyId, request.Name, key));
    }

    private const string InsertKey = """
        insert into api_key (key_id, requester_id, requester_name, name, starts_with, key_hash, created_at)
        values (@KeyId, @Requester, @RequesterName, @Name, @StartsWith, @Hash, @Now)
        """;
}
