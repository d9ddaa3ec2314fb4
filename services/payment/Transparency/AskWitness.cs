using System.Globalization;
using System.Net;
using System.Text;
using Dapper;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Shows one witness a checkpoint (C2SP tlog-witness, <c>add-checkpoint</c>): the size that it signed last, the proof that the tree
/// has only grown since, and the note. Its signature is checked before it is kept. One that does not answer, or answers wrongly,
/// is asked again later and later, and holds up nobody else.
/// </summary>
internal sealed class AskWitness(Witness witness, NpgsqlDataSource database, HttpClient http)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(15);
    private Task<bool> _asking = Task.FromResult(true);
    private long _restUntil;
    private int _failures;
    private long? _signed;

    internal Witness Witness => witness;

    /// <summary>Why the last asking brought nothing; null where it did.</summary>
    internal string? Trouble { get; private set; }

    /// <summary>True of one that is not being asked, need not rest, and has not signed this size yet.</summary>
    internal bool IsFreeFor(long size) => _asking.IsCompleted && Environment.TickCount64 >= _restUntil && _signed != size;

    /// <summary>Starts to ask; ends with whether it signed.</summary>
    internal Task<bool> Start(ShownCheckpoint checkpoint, CancellationToken cancel) => _asking = Try(checkpoint, cancel);

    private async Task<bool> Try(ShownCheckpoint checkpoint, CancellationToken cancel)
    {
        try
        {
            await Ask(checkpoint, cancel);
            (_failures, _restUntil, Trouble) = (0, 0, null);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or InvalidDataException or NpgsqlException && !cancel.IsCancellationRequested)
        {
            _failures++;
            _restUntil = Environment.TickCount64 + (long)Math.Min(LongestRest.TotalMilliseconds, 250 * Math.Pow(2, Math.Min(_failures, 10)));
            Trouble = e is TaskCanceledException ? "it does not answer in time" : e.Message;
            return false;
        }
    }

    private async Task Ask(ShownCheckpoint checkpoint, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var old = _signed ??= await connection.ExecuteScalarAsync<long?>(
            new CommandDefinition(SelectSigned, new { Witness = witness.Id }, cancellationToken: cancel)) ?? 0;
        for (var attempt = 1; ; attempt++)
        {
            using var answer = await Post(old, checkpoint, connection, cancel);
            var body = await answer.Content.ReadAsStringAsync(cancel);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                await Keep(checkpoint, body, connection, cancel);
                return;
            }

            if (answer.StatusCode != HttpStatusCode.Conflict || attempt > 2)
                throw new InvalidDataException($"it answers {(int)answer.StatusCode}: {(body.Length > 200 ? body[..200] : body).Trim()}");
            old = Said(body, old, checkpoint.Size);
        }
    }

    /// <summary>The size that a witness says it signed last, from which it wants the proof.</summary>
    private static long Said(string body, long asked, long newest)
    {
        if (!long.TryParse(body.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var said))
            throw new InvalidDataException("it refuses, and does not say which size it signed last");
        if (said > newest)
            throw new InvalidDataException($"it has signed {said} entries, and this log has {newest}: the log was cut, or is not the one that it knows");
        return said != asked
            ? said
            : throw new InvalidDataException($"it has signed another history of {said} entries: the log was rewritten, or is not the one that it knows");
    }

    private async Task<HttpResponseMessage> Post(long old, ShownCheckpoint checkpoint, NpgsqlConnection connection, CancellationToken cancel)
    {
        byte[][] proof = old == 0 ? [] : await ReadTiles.Roots(Merkle.ConsistencyPath(old, checkpoint.Size), connection, null, cancel);
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {old}\n");
        foreach (var hash in proof)
            request.Append(Convert.ToBase64String(hash)).Append('\n');
        request.Append('\n').Append(checkpoint.Note);

        using var content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain");
        return await http.PostAsync(new Uri(witness.Url, "add-checkpoint"), content, cancel);
    }

    private async Task Keep(ShownCheckpoint checkpoint, string body, NpgsqlConnection connection, CancellationToken cancel)
    {
        var text = checkpoint.Note[..(checkpoint.Note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)];
        var line = witness.CosignatureIn(body, text) ?? throw new InvalidDataException("what it answers is not its signature of this checkpoint");
        await connection.ExecuteAsync(new CommandDefinition(
            InsertCosignature, new { checkpoint.Size, Witness = witness.Id, Line = line }, cancellationToken: cancel));
        _signed = checkpoint.Size;
    }

    // Index log_cosignature_witness.
    private const string SelectSigned = """
        select max(size)
        from log_cosignature
        where witness = @Witness
        """;

    private const string InsertCosignature = """
        insert into log_cosignature (size, witness, line)
        values (@Size, @Witness, @Line)
        on conflict do nothing
        """;
}
