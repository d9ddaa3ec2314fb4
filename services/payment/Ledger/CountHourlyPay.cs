using Dapper;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// Counts settlements into the distribution of hourly pay, a second behind the ledger. Entry numbers have no gaps and come
/// in commit order, so "up to which number" is all there is to remember, and settling itself pays nothing for it.
/// </summary>
internal sealed class CountHourlyPay(NpgsqlDataSource database, ILogger<CountHourlyPay> logger) : BackgroundService
{
    private const int AtOnce = 50_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            try
            {
                while (await Count(database, stoppingToken) == AtOnce)
                    stoppingToken.ThrowIfCancellationRequested();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning("Hourly pay is not counted for now: {Why}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Counts the next entries in, each once whoever else counts; says how many numbers it went on.</summary>
    internal static async Task<long> Count(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var after = await connection.QuerySingleAsync<long>(new CommandDefinition(LockCounted, null, transaction, cancellationToken: cancel));
        var last = await connection.QuerySingleAsync<long>(new CommandDefinition(SelectLast, null, transaction, cancellationToken: cancel));
        var range = new { After = after, UpTo = Math.Min(last, after + AtOnce) };
        if (range.UpTo == after)
            return 0;

        await connection.ExecuteAsync(new CommandDefinition(AddHourlyPay, range, transaction, cancellationToken: cancel));
        await connection.ExecuteAsync(new CommandDefinition(SetCounted, range, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return range.UpTo - after;
    }

    private const string LockCounted = """
        select entry_number
        from hourly_pay_counted
        for update
        """;

    private const string SelectLast = """
        select last_number
        from ledger_head
        """;

    private const string AddHourlyPay = """
        insert into hourly_pay as h (floor_micros_per_hour, hundredths, lifted, assignments, credited_ms)
        select floor_micros_per_hour, least(100000, pay_micros * 3600000 / credited_ms / 10000), top_up_micros > 0, count(*), sum(credited_ms)
        from settlement
        where entry_number > @After and entry_number <= @UpTo and credited_ms > 0
        group by 1, 2, 3
        order by 1, 2, 3
        on conflict (floor_micros_per_hour, hundredths, lifted) do update
        set assignments = h.assignments + excluded.assignments,
            credited_ms = h.credited_ms + excluded.credited_ms
        """;

    private const string SetCounted = """
        update hourly_pay_counted
        set entry_number = @UpTo
        """;
}
