using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Payment.Exports;

/// <summary>
/// The public ledger, or a month of it, as a file, streamed: a few thousand entries are in memory at a time, whatever its length.
/// What is public when the download starts is in it, what comes later is not; since entries never change, no transaction
/// stays open. The last line seals it.
/// </summary>
internal sealed class ExportLedger(NpgsqlDataSource database, ReadAccountNames accounts, Installation installation, TimeProvider clock)
{
    private const int AtATime = 2000;

    internal async Task Send(ExportFormat format, HttpContext http, string? month)
    {
        var cancel = http.RequestAborted;
        if (!TryRead(month, out var asked, out var refusal))
        {
            await refusal.ExecuteAsync(http);
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancel);
        var part = await ReadPart(asked, connection, cancel);
        http.Response.ContentType = format.ContentType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{part.FileName}.{format.Extension}\"";
        http.Response.Headers.CacheControl = "no-cache";
        using var stream = new SealedStream(http.Response.Body);
        await Write(part, format, stream, connection, cancel);
    }

    private bool TryRead(string? text, out Month? month, out IResult refusal)
    {
        (month, refusal) = (null, Results.Empty);
        if (string.IsNullOrEmpty(text))
            return true;

        var current = Month.Of(TimeText.DayOf(clock.GetUtcNow(), installation.TimeZone));
        if (Month.TryParse(text, out var read) && read.First <= current.First)
            month = read;
        else
            refusal = Problems.Refuse(400, "There is no such month", $"A month is written as {current.Text}, and that is the latest.", ("month", $"A month up to {current.Text}."));
        return month is not null;
    }

    private async Task Write(ExportedPart part, ExportFormat format, SealedStream stream, NpgsqlConnection connection, CancellationToken cancel)
    {
        format.WriteHead(stream.Output, part);
        var (day, rows) = (part.FirstDay, 0L);
        await foreach (var entries in Read(part, connection, cancel))
        {
            foreach (var entry in entries)
            {
                // An entry carries its hour only, which in a zone of half hours may belong to the day before, or its day.
                var own = entry.Day(installation.TimeZone);
                day = own > day ? own : day;
                rows += format.WriteEntry(stream.Output, entry, day);
                await stream.Pass(cancel);
            }
        }

        format.WriteEnd(stream.Output, part, day);
        await stream.Close((output, sha256) => format.WriteSeal(output, rows, sha256), cancel);
    }

    /// <summary>Reads the next entries while the ones before are being written.</summary>
    private async IAsyncEnumerable<List<PublicEntry>> Read(
        ExportedPart part, NpgsqlConnection connection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        Task<List<PublicEntry>> After(long number) => Task.Run(
            () => EntryQueries.ByRange(connection, number, Math.Min(number + AtATime, part.LastNumber), accounts, cancel), cancel);

        var reading = After(part.FirstNumber - 1);
        try
        {
            for (var number = part.FirstNumber - 1; number < part.LastNumber; number += AtATime)
            {
                var entries = await reading;
                if (number + AtATime < part.LastNumber)
                    reading = After(number + AtATime);
                yield return entries;
            }
        }
        finally
        {
            // The connection is not given back while it is being read from.
            await reading.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>The numbers and balances of one moment: one statement, so one snapshot.</summary>
    private async Task<ExportedPart> ReadPart(Month? month, NpgsqlConnection connection, CancellationToken cancel)
    {
        var (from, to) = month is { } m
            ? (Month.Start(m.First, installation.TimeZone), Month.Start(m.Next, installation.TimeZone))
            : (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
        var rows = (await connection.QueryAsync<AccountRow>(new CommandDefinition(
            SelectPart,
            new { From = FullHour(from), To = FullHour(to), Whole = month is null },
            cancellationToken: cancel))).ToList();
        return new ExportedPart
        {
            Installation = installation.Name,
            Currency = installation.Currency,
            Month = month,
            FirstNumber = rows[0].FirstNumber,
            LastNumber = rows[0].LastNumber,
            Since = rows[0].Since is { } since ? TimeText.DayOf(since, installation.TimeZone) : null,
            Accounts =
            [
                .. rows.Where(r => r.Account is not null && (r.Moved || r.OpeningMicros != 0))
                    .OrderBy(r => AccountName.Rank(r.Kind!)).ThenBy(r => r.Account, StringComparer.Ordinal)
                    .Select(r => new ExportedAccount(r.Account!, r.OpeningMicros, r.ClosingMicros)),
            ],
        };
    }

    /// <summary>Only the hour of an entry is public: where a zone's day starts within one, that hour stands on the day before.</summary>
    private static DateTimeOffset FullHour(DateTimeOffset at) =>
        at.UtcTicks % TimeSpan.TicksPerHour is 0 || at == DateTimeOffset.MaxValue ? at : at.AddTicks(TimeSpan.TicksPerHour - (at.UtcTicks % TimeSpan.TicksPerHour));

    private sealed record AccountRow
    {
        public required long FirstNumber { get; init; }
        public required long LastNumber { get; init; }
        public required DateTimeOffset? Since { get; init; }
        public required string? Kind { get; init; }
        public required string? Account { get; init; }
        public required bool Moved { get; init; }
        public required long OpeningMicros { get; init; }
        public required long ClosingMicros { get; init; }
    }

    // By entry_at, and the end of posting's primary key; of the whole ledger the balances of now, less what is not public, are all that is read.
    // Batches end with the hour, so numbers by commit are public ones where a month, or what is public, ends.
    private const string SelectPart = $"""
        with public as materialized (
          select coalesce(({PublicationQueries.SelectSize}), 0) as size),
        part as (
          select
            least(size, coalesce((select number from entry where at >= @From order by at, number limit 1) - 1, size)) + 1 as first_number,
            least(size, coalesce((select number from entry where at >= @To order by at, number limit 1) - 1, size)) as last_number,
            (select at from entry where number = 1 and size > 0) as since
          from public),
        later as (
          select
            p.account_id,
            sum(p.amount_micros) as from_first,
            coalesce(sum(p.amount_micros) filter (where p.entry_number > part.last_number), 0) as after_last,
            coalesce(sum(abs(p.amount_micros)) filter (where p.entry_number > part.last_number), 0) as turnover_after_last,
            bool_or(p.entry_number <= part.last_number) as moved
          from part
          join posting p on p.entry_number >= case when @Whole then part.last_number + 1 else part.first_number end
          group by p.account_id)
        select
          part.first_number, part.last_number, part.since, a.kind, a.public_name as account,
          coalesce(bool_or(case when @Whole then a.debits_micros + a.credits_micros > coalesce(l.turnover_after_last, 0) else coalesce(l.moved, false) end), false)
            as moved,
          coalesce(sum(case when @Whole then 0 else a.balance_micros - coalesce(l.from_first, 0) end), 0)::bigint as opening_micros,
          coalesce(sum(a.balance_micros - coalesce(l.after_last, 0)), 0)::bigint as closing_micros
        from part
        left join account a on true
        left join later l using (account_id)
        group by part.first_number, part.last_number, part.since, a.kind, a.public_name
        """;
}
