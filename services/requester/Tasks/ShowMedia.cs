using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>Serves a picture to whoever is signed in and knows its hash. It never changes.</summary>
internal static class ShowMedia
{
    internal static async Task<Results<FileContentHttpResult, StatusCodeHttpResult>> Handle(
        string hash, HttpResponse response, NpgsqlDataSource database, CancellationToken cancel)
    {
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            return TypedResults.StatusCode(404);

        await using var connection = await database.OpenConnectionAsync(cancel);
        var image = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            SelectMedia, new { Hash = Convert.FromHexString(hash) }, cancellationToken: cancel));
        if (image is null)
            return TypedResults.StatusCode(404);

        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return TypedResults.File(image.Content, image.ContentType);
    }

    private sealed record Row
    {
        public required string ContentType { get; init; }
        public required byte[] Content { get; init; }
    }

    private const string SelectMedia = """
        select content_type, content
        from media
        where hash = @Hash
        """;
}
