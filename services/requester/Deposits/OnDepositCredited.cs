using Dapper;
using Marketplace.Contracts;
using MassTransit;
using Npgsql;

namespace Marketplace.Requester.Deposits;

/// <summary>Keeps the largest total that payment says was ever credited.</summary>
internal sealed class OnDepositCredited(NpgsqlDataSource database) : IConsumer<DepositCredited>
{
    public async Task Consume(ConsumeContext<DepositCredited> context)
    {
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(UpsertDeposit, context.Message, cancellationToken: context.CancellationToken));
    }

    private const string UpsertDeposit = """
        insert into deposit (requester_id, credited_total_micros)
        values (@RequesterId, @CreditedTotalMicros)
        on conflict (requester_id) do update
        set credited_total_micros = excluded.credited_total_micros
        where deposit.credited_total_micros < excluded.credited_total_micros
        """;
}
