using System.Globalization;
using System.Security.Claims;
using System.Text;
using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Marketplace.Ui;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Receipts: to anybody the proof that an entry is in the log (C2SP tlog-proof, its leaf as <c>extra</c>); to the worker whom it paid also what
/// opens its commitments, in front of the same proof.
/// </summary>
internal sealed class SendReceipt(
    NpgsqlDataSource database, ReadAccountNames accounts, LogKeys keys, Witnesses witnesses, Publication publication, Installation installation, TimeProvider clock)
{
    /// <summary>By public number, or by public key in hex.</summary>
    internal async Task<IResult> OfEntry(string name, HttpResponse response, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        long? number = name.Length == 2 * PublicKey.Bytes && name.All(char.IsAsciiHexDigit)
            ? await PublicationQueries.Number(Convert.FromHexString(name), connection, cancel)
            : long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
        return await Send(number, opening: "", connection, response, cancel);
    }

    /// <summary>A worker's own, by the assignment.</summary>
    internal async Task<IResult> OfWorker(Guid assignmentId, ClaimsPrincipal user, HttpResponse response, CancellationToken cancel)
    {
        response.Headers.CacheControl = "no-store";
        await using var connection = await database.OpenConnectionAsync(cancel);
        var paid = await connection.QuerySingleOrDefaultAsync<Paid>(new CommandDefinition(
            SelectPaid, new { Key = Entry.AssignmentKey(assignmentId), Worker = user.Id() }, cancellationToken: cancel));
        return paid is null
            ? Problems.Refuse(404, "There is no receipt here", "An assignment of yours has one when it is settled and public.")
            : await Send(paid.PublicNumber, paid.Opening(assignmentId, user.Id()), connection, response, cancel);
    }

    private async Task<IResult> Send(long? number, string opening, NpgsqlConnection connection, HttpResponse response, CancellationToken cancel)
    {
        var latest = await CheckpointQueries.Shown(connection, witnesses, cancel);
        if (latest is null || number is not { } at || at < 1 || at > latest.Size)
            return Problems.Refuse(404, RefuseUnpublished.Title, RefuseUnpublished.Detail(publication, clock, installation));

        var proof = await ReadTiles.Roots(Merkle.InclusionPath(at - 1, latest.Size), connection, null, cancel);
        var leaf = Leaf.Encode((await EntryQueries.ByNumbers(connection, [at], accounts, cancel))[0]);
        var text = new StringBuilder(opening);
        text.Append("c2sp.org/tlog-proof@v1\n");
        text.Append("extra ").Append(Convert.ToBase64String(leaf)).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"index {at - 1}\n");
        foreach (var hash in proof)
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        text.Append('\n').Append(keys.AlsoSign(latest.Note));

        var ending = opening.Length > 0 ? "receipt" : "tlog-proof";
        response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"entry-{at}.{ending}\"");
        return TypedResults.Text(text.ToString());
    }

    /// <summary>What was settled, as far as it opens the entry.</summary>
    private sealed record Paid
    {
        public required long? PublicNumber { get; init; }

        /// <summary>Whether the leaf is of version 1, which has the facts itself.</summary>
        public required bool HasFacts { get; init; }
        public required byte[] Salt { get; init; }
        public required long ActiveMs { get; init; }
        public required long AllowanceLeftMs { get; init; }
        public required bool FirstOfJob { get; init; }
        public required long UnseenMs { get; init; }
        public required DateTimeOffset ClaimedAt { get; init; }
        public required DateTimeOffset EndedAt { get; init; }

        internal string Opening(Guid assignmentId, Guid worker)
        {
            var facts = new DayFacts
            {
                ActiveMs = ActiveMs, AllowanceLeftMs = AllowanceLeftMs, FirstOfJob = FirstOfJob, UnseenMs = UnseenMs, WallMs = DayFacts.Wall(ClaimedAt, EndedAt),
            };
            return $"marketplace/receipt@v1\nworker {worker}\nentry-key {Entry.AssignmentKey(assignmentId)}\nsalt {Convert.ToBase64String(Salt)}\n"
                + (HasFacts ? "" : facts.Text) + "\n";
        }
    }

    // By the unique key of the entry, then by primary keys and the unique one of the public entry. Without its salt nothing opens an entry.
    private const string SelectPaid = """
        select p.number as public_number, p.number is not null and p.batch is null as has_facts, t.salt, s.active_ms, s.allowance_left_ms, s.first_of_job,
          s.unseen_ms, s.claimed_at, s.ended_at
        from entry e
        join settlement s on s.entry_number = e.number
        join salt t on t.entry_number = e.number
        left join public_entry p on p.entry_number = e.number
        where e.key = @Key and s.worker_id = @Worker
        """;
}
