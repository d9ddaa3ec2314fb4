using Dapper;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// Numbers the steps of <see cref="Publication"/>, for all copies of a service at once: the table <c>publication</c> holds how many were made. What
/// comes in gets the number of the step that it is seen from, so what was seen once stays seen, whatever the copies' clocks do.
/// </summary>
/// <remarks>
/// A step is made by whoever first looks or writes after its time, before it does so. A copy whose clock is behind keeps to what another made. Were
/// that other's clock far ahead, nothing would ever be seen again: so after <see cref="Publication.Every"/> of real time one is made all the same.
/// </remarks>
public sealed class PublicationSteps(Publication publication, TimeProvider clock)
{
    private readonly double _everySeconds = publication.Every.TotalSeconds;

    /// <summary>Whether everything is seen as it comes.</summary>
    public bool IsAtOnce => publication.IsAtOnce;

    /// <summary>When the next step is made; null where everything is seen as it comes.</summary>
    public DateTimeOffset? NextAt => publication.IsAtOnce ? null : publication.NextStep(clock.Now());

    /// <summary>The number of the last step: what has this number or a smaller one is seen. Without steps everything is.</summary>
    public async Task<long> Last(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (publication.IsAtOnce)
            return long.MaxValue;

        var at = publication.LastStep(clock.Now());
        if (await connection.ExecuteScalarAsync<long?>(new CommandDefinition(SelectIfMade, new { At = at }, cancellationToken: cancel)) is { } made)
            return made;

        await connection.ExecuteAsync(new CommandDefinition(UpdateStep, new { At = at, EverySeconds = _everySeconds }, cancellationToken: cancel));
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(SelectStep, cancellationToken: cancel));
    }

    /// <summary>The number that what comes in now is seen from. Without steps 0, which is always seen.</summary>
    public async Task<long> Next(NpgsqlConnection connection, CancellationToken cancel) =>
        publication.IsAtOnce ? 0 : await Last(connection, cancel) + 1;

    /// <summary>Makes the step in this transaction if its time has come; other copies that want to make it wait for the transaction's end.</summary>
    /// <returns>False where it was made before.</returns>
    public async Task<bool> Make(NpgsqlTransaction transaction, CancellationToken cancel) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            UpdateStep, new { At = publication.LastStep(clock.Now()), EverySeconds = _everySeconds }, transaction, cancellationToken: cancel)) == 1;

    private const string SelectIfMade = """
        select step
        from publication
        where step_at = @At
        """;

    private const string SelectStep = """
        select step
        from publication
        """;

    private const string UpdateStep = """
        update publication
        set step = step + 1,
            step_at = @At,
            made_at = clock_timestamp()
        where step_at < @At
           or (step_at > @At and made_at <= clock_timestamp() - @EverySeconds * interval '1 second')
        """;
}
