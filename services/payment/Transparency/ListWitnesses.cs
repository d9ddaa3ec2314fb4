using Dapper;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>Who watches the log, how far each has signed, and what waits for them. Nothing of it is secret.</summary>
internal static class ListWitnesses
{
    /// <param name="Quorum">How many must have signed a checkpoint before a payout that it covers leaves.</param>
    /// <param name="Entries">Entries in the newest checkpoint.</param>
    /// <param name="Covered">Entries in the newest that enough have signed.</param>
    /// <param name="PayoutsWaiting">Payouts that are held until more is covered.</param>
    /// <param name="Witnesses">In the order of the settings.</param>
    internal sealed record Response(int Quorum, long Entries, long Covered, long PayoutsWaiting, IReadOnlyList<WitnessLine> Witnesses);

    /// <param name="Name">The name in its key.</param>
    /// <param name="Signed">Entries in the last checkpoint that it signed; 0 before any.</param>
    /// <param name="At">When.</param>
    internal sealed record WitnessLine(string Name, long Signed, DateTimeOffset? At);

    internal static async Task<Response> Handle(NpgsqlDataSource database, Witnesses witnesses, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var newest = (await CheckpointQueries.Newest(connection, cancel))?.Size ?? 0;
        if (!witnesses.AreAsked)
            return new(0, newest, newest, 0, []);

        var states = await CheckpointQueries.States(connection, witnesses, cancel);
        return new(
            witnesses.Quorum,
            newest,
            await CheckpointQueries.Covered(connection, witnesses, cancel),
            await connection.ExecuteScalarAsync<long>(new CommandDefinition(CountHeld, new { Newest = newest }, cancellationToken: cancel)),
            [.. witnesses.All.Zip(states, (witness, state) => new WitnessLine(witness.Name, state.Size, state.At))]);
    }

    private const string CountHeld = """
        select count(*)
        from payout_open o
        join payout_step i on i.payout_id = o.payout_id and i.rank = 1
        where not o.released and i.entry_number <= @Newest
        """;
}
