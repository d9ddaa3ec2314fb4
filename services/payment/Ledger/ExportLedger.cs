using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The whole ledger as a file, streamed: a few thousand entries are in memory at a time, whatever its length. What is
/// written when the download starts is in it, what comes later is not; since entries never change, no transaction stays open.
/// </summary>
internal static class ExportLedger
{
    private const int AtATime = 4000;

    internal static Task Csv(HttpContext http, NpgsqlDataSource database, ReadAccountNames accounts) =>
        Send(http, database, accounts, "csv", "text/csv; charset=utf-8; header=present", (output, _) => output.Add(CsvText.Header), CsvText.Write);

    internal static Task JsonLines(HttpContext http, NpgsqlDataSource database, ReadAccountNames accounts) =>
        Send(http, database, accounts, "jsonl", "application/jsonl; charset=utf-8", (_, _) => { }, (output, entry) =>
        {
            using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true, Encoder = LedgerJson.Readable.Options.Encoder });
            JsonSerializer.Serialize(json, entry, LedgerJson.Readable.PublicEntry);
            json.Flush();
            output.Add("\n"u8);
        });

    internal static Task Journal(HttpContext http, NpgsqlDataSource database, ReadAccountNames accounts, Installation installation)
    {
        var day = DateOnly.MinValue;
        return Send(
            http,
            database,
            accounts,
            "journal",
            "text/plain; charset=utf-8",
            (output, head) => JournalText.WriteHead(
                output, $"Public ledger of {installation.Name}, entries 1 to {head.LastNumber}", installation.Currency, head.Balances.Select(b => b.Account)),
            (output, entry) =>
            {
                // Pay carries its hour only, which in a zone of half hours may belong to the day before.
                day = Later(day, TimeText.DayOf(entry.At, installation.TimeZone));
                JournalText.Write(output, entry, day);
            },
            (output, head) => JournalText.WriteBalances(output, day, head.LastNumber, installation.Currency, head.Balances.Select(b => (b.Account, b.Micros))));
    }

    private static async Task Send(
        HttpContext http,
        NpgsqlDataSource database,
        ReadAccountNames accounts,
        string extension,
        string contentType,
        Action<IBufferWriter<byte>, Head> writeHead,
        Action<IBufferWriter<byte>, PublicEntry> write,
        Action<IBufferWriter<byte>, Head>? writeEnd = null)
    {
        var cancel = http.RequestAborted;
        await using var connection = await database.OpenConnectionAsync(cancel);
        var head = await ReadHead(connection, cancel);
        http.Response.ContentType = contentType;
        http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"ledger-{head.LastNumber}.{extension}\"");
        http.Response.Headers.CacheControl = "no-cache";

        var output = http.Response.BodyWriter;
        writeHead(output, head);
        for (var after = 0L; after < head.LastNumber; after += AtATime)
        {
            var entries = await EntryQueries.ByRange(connection, after, Math.Min(after + AtATime, head.LastNumber), accounts, cancel);
            foreach (var entry in entries)
            {
                write(output, entry);
                if (output.UnflushedBytes > 64 * 1024)
                    await output.FlushAsync(cancel);
            }
        }

        if (head.LastNumber > 0)
            writeEnd?.Invoke(output, head);
        await output.FlushAsync(cancel);
    }

    /// <summary>The last number and every public balance of one moment: one statement, so one snapshot.</summary>
    private static async Task<Head> ReadHead(NpgsqlConnection connection, CancellationToken cancel)
    {
        var rows = (await connection.QueryAsync<HeadRow>(new CommandDefinition(SelectHead, cancellationToken: cancel))).ToList();
        var balances = rows.Where(r => r.Account is not null).Select(r => (r.Kind!, r.Account!, r.BalanceMicros));
        return new Head(
            rows.Count == 0 ? 0 : rows[0].LastNumber,
            [.. balances.OrderBy(b => AccountName.Rank(b.Item1)).ThenBy(b => b.Item2, StringComparer.Ordinal).Select(b => (b.Item2, b.Item3))]);
    }

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private sealed record Head(long LastNumber, IReadOnlyList<(string Account, long Micros)> Balances);

    private sealed record HeadRow
    {
        public required long LastNumber { get; init; }
        public required string? Kind { get; init; }
        public required string? Account { get; init; }
        public required long BalanceMicros { get; init; }
    }

    private const string SelectHead = """
        select h.last_number, a.kind, a.public_name as account, coalesce(sum(a.balance_micros), 0)::bigint as balance_micros
        from ledger_head h
        left join account a on true
        group by h.last_number, a.kind, a.public_name
        """;
}
