using Dapper;
using Marketplace.Payment.Ledger;
using Npgsql;

namespace Marketplace.Payment.Transparency;

/// <summary>A checkpoint as it is shown: the note, with the signatures of the log and of the witnesses.</summary>
internal sealed record ShownCheckpoint
{
    public required long Size { get; init; }
    public required string Note { get; init; }
}

/// <summary>How far a witness has come: the largest size that it signed, and when; 0 and null before any.</summary>
internal sealed record WitnessState
{
    public required string Witness { get; init; }
    public required long Size { get; init; }
    public required DateTimeOffset? At { get; init; }
}

/// <summary>What several ask of the log's checkpoints.</summary>
internal static class CheckpointQueries
{
    /// <summary>How long a checkpoint may wait for its witnesses before it is shown without them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The checkpoint to show: the newest that enough witnesses have signed, or a newer one that has waited for them long enough.
    /// Both only grow, so nobody ever sees the log become shorter. Null before the first.
    /// </summary>
    internal static Task<ShownCheckpoint?> Shown(NpgsqlConnection connection, Witnesses witnesses, CancellationToken cancel) =>
        connection.QuerySingleOrDefaultAsync<ShownCheckpoint>(new CommandDefinition(
            witnesses.AreAsked ? SelectShown : SelectNewest,
            new { Witnesses = witnesses.Ids, witnesses.Quorum, Patience },
            cancellationToken: cancel));

    /// <summary>The newest checkpoint, with the log's signature alone.</summary>
    internal static Task<ShownCheckpoint?> Newest(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.QuerySingleOrDefaultAsync<ShownCheckpoint>(new CommandDefinition(SelectNewest, cancellationToken: cancel));

    /// <summary>
    /// The entries up to this one are public, and where there are witnesses in a checkpoint that enough of them have signed. It is the end of a
    /// batch, so the numbers are those of commit as well.
    /// </summary>
    internal static async Task<long> Covered(NpgsqlConnection connection, Witnesses witnesses, CancellationToken cancel) =>
        witnesses.AreAsked
            ? await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
                SelectCovered, new { Witnesses = witnesses.Ids, witnesses.Quorum }, cancellationToken: cancel)) ?? 0
            : await PublicationQueries.Size(connection, cancel);

    /// <summary>How far each witness has come, in the order of the settings.</summary>
    internal static async Task<List<WitnessState>> States(NpgsqlConnection connection, Witnesses witnesses, CancellationToken cancel) =>
        (await connection.QueryAsync<WitnessState>(new CommandDefinition(SelectStates, new { Witnesses = witnesses.Ids }, cancellationToken: cancel))).AsList();

    // The right end of the primary key.
    private const string SelectNewest = """
        select size, note
        from log_checkpoint
        order by size desc
        limit 1
        """;

    // Nothing above the k-th furthest witness can have k signatures, so a witness that is away for days costs nothing:
    // index log_cosignature_witness, then the primary key backwards from there.
    private const string SelectCovered = """
        with reach as (
          select coalesce((select max(c.size) from log_cosignature c where c.witness = w.id), 0) as size
          from unnest(@Witnesses) as w (id)
          order by size desc
          offset @Quorum - 1
          limit 1)
        select c.size
        from log_cosignature c
        where c.size <= (select size from reach) and c.witness = any(@Witnesses)
        group by c.size
        having count(*) >= @Quorum
        order by c.size desc
        limit 1
        """;

    private const string SelectShown = $"""
        select k.size, k.note || coalesce((
            select string_agg(c.line, '' order by c.witness)
            from log_cosignature c
            where c.size = k.size and c.witness = any(@Witnesses)), '') as note
        from log_checkpoint k
        where k.size >= coalesce(({SelectCovered}), 0)
          and (k.written_at <= clock_timestamp() - @Patience or k.size = ({SelectCovered}))
        order by k.size desc
        limit 1
        """;

    private const string SelectStates = """
        select w.id as witness, coalesce(c.size, 0) as size, c.at
        from unnest(@Witnesses) with ordinality as w (id, place)
        left join lateral (
          select size, at
          from log_cosignature
          where witness = w.id
          order by size desc
          limit 1) c on true
        order by w.place
        """;
}
