using Dapper;
using Marketplace.Contracts;
using Npgsql;

namespace Marketplace.Requester.Deposits;

/// <summary>
/// Spends from a requester's deposit. Only this service spends it and only payment adds to it, so that "not enough" is
/// known at once and payment is never asked for money that is not there.
/// </summary>
internal static class TakeFromDeposit
{
    /// <summary>Takes the amount, under the deposit's lock; false (and nothing is taken) where there is not as much.</summary>
    internal static async Task<bool> Take(Guid requester, Money amount, NpgsqlTransaction transaction, CancellationToken cancel) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            UpdateDeposit, new { Requester = requester, amount.Micros }, transaction, cancellationToken: cancel)) == 1;

    /// <summary>What is on the deposit now.</summary>
    internal static async Task<Money> Available(Guid requester, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancel) =>
        new(await connection.QuerySingleOrDefaultAsync<long>(new CommandDefinition(
            SelectAvailable, new { Requester = requester }, transaction, cancellationToken: cancel)));

    private const string UpdateDeposit = """
        update deposit
        set spent_total_micros = spent_total_micros + @Micros
        where requester_id = @Requester
          and credited_total_micros - spent_total_micros >= @Micros
        """;

    private const string SelectAvailable = """
        select credited_total_micros - spent_total_micros
        from deposit
        where requester_id = @Requester
        """;
}
