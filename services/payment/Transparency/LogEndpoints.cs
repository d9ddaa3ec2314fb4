using System.Buffers.Binary;
using System.Security.Claims;
using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>The log as C2SP tlog-tiles has it: a signed checkpoint, tiles of hashes, bundles of leaves; and proofs, for those who do not want to compute them.</summary>
internal static class LogEndpoints
{
    private const string Unchanging = "public, max-age=31536000, immutable";

    internal static void AddLog(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(ReadLogKeys.Load(builder.Configuration));
        builder.Services.AddSingleton(Witnesses.Read(builder.Configuration));
        builder.Services.AddSingleton<PublicationSteps>();
        builder.Services.AddSingleton<SendReceipt>();
        builder.Services.AddSingleton<AppendLeaves>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AppendLeaves>());
        builder.Services.AddHostedService<SubmitCheckpoints>();
    }

    internal static void MapLog(this IEndpointRouteBuilder routes)
    {
        var log = routes.MapGroup("/log").AllowAnonymous();

        log.MapGet("/checkpoint", LatestCheckpoint);
        log.MapGet("/key", (LogKeys keys) => TypedResults.Text(keys.VerifierKey + "\n"));
        log.MapGet("/key/handovers", Handovers);
        log.MapGet("/witnesses", ListWitnesses.Handle);
        log.MapGet("/tile/{**path}", ReadTile);
        log.MapGet("/receipt/{name}", (string name, SendReceipt receipt, HttpResponse response, CancellationToken cancel) => receipt.OfEntry(name, response, cancel));
        routes.MapGet(
            "/ledger/receipts/{assignmentId:guid}",
            (Guid assignmentId, SendReceipt receipt, ClaimsPrincipal user, HttpResponse response, CancellationToken cancel) =>
                receipt.OfWorker(assignmentId, user, response, cancel))
            .RequireAuthorization(SignIn.WorkerPolicy);
    }

    private static async Task<Results<ContentHttpResult, NotFound>> LatestCheckpoint(
        NpgsqlDataSource database, LogKeys keys, Witnesses witnesses, HttpResponse response, CancellationToken cancel)
    {
        response.Headers.CacheControl = "no-store";
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await CheckpointQueries.Shown(connection, witnesses, cancel) is { } shown ? TypedResults.Text(keys.AlsoSign(shown.Note)) : TypedResults.NotFound();
    }

    /// <summary>Every key's word for the next, the oldest first, with a blank line between two notes.</summary>
    private static async Task<ContentHttpResult> Handovers(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return TypedResults.Text(string.Join('\n', await connection.QueryAsync<string>(new CommandDefinition(SelectHandovers, cancellationToken: cancel))));
    }

    private static async Task<IResult> ReadTile(
        string path, NpgsqlDataSource database, ReadAccountNames accounts, HttpResponse response, CancellationToken cancel)
    {
        if (TilePath.Parse("tile/" + path) is not { } tile)
            return Problems.Refuse(404, "No tile is here", "A tile's address is tile/L/N or tile/entries/N, N in groups of three digits, as C2SP tlog-tiles has it.");

        await using var connection = await database.OpenConnectionAsync(cancel);
        var level = Math.Max(tile.Level, 0);
        var first = tile.Index * TilePath.Full;
        var end = first + tile.Width;
        var hashes = end <= await PublicationQueries.Size(connection, cancel) >> (level * TilePath.LevelBits) ? await ReadTiles.Level(level, first, end, connection, cancel) : [];
        if (hashes.Length < tile.Width)
            return Problems.Refuse(404, "This tile is not full yet", "The checkpoint says how far the log has come.");

        response.Headers.CacheControl = Unchanging;
        if (tile.Level != TilePath.Entries)
            return TypedResults.Bytes(hashes.SelectMany(h => h).ToArray(), "application/octet-stream");

        var entries = await EntryQueries.ByRange(connection, first, first + tile.Width, accounts, cancel);
        return TypedResults.Bytes(Bundle(entries), "application/octet-stream");
    }

    /// <summary>Each leaf after its length in two bytes.</summary>
    private static byte[] Bundle(List<PublicEntry> entries)
    {
        using var bundle = new MemoryStream(entries.Count * 400);
        Span<byte> length = stackalloc byte[2];
        foreach (var entry in entries)
        {
            var leaf = Leaf.Encode(entry);
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)leaf.Length));
            bundle.Write(length);
            bundle.Write(leaf);
        }

        return bundle.ToArray();
    }

    private const string SelectHandovers = """
        select note
        from log_handover
        order by at, old_key
        """;
}
