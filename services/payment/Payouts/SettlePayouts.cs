using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Transparency;
using Marketplace.Platform;

namespace Marketplace.Payment.Payouts;

/// <summary>
/// Hands payouts to their rail and asks what became of them. Where the log has witnesses, a payout waits until enough of them have signed a
/// checkpoint that covers its entry. What is not known stays in transit and is asked about again, always under the
/// same id. The setting <c>Payouts:AskEveryMs</c> (2,000) is how long a payout waits before the first asking; between two it waits twice that.
/// While payouts are on hold (<see cref="ReconcilePayouts"/>) it hands over none.
/// </summary>
internal sealed class SettlePayouts(CashDesk desk, Witnesses witnesses, IConfiguration configuration, ILogger<SettlePayouts> logger) : BackgroundService
{
    private readonly TimeSpan _askEvery = TimeSpan.FromMilliseconds(configuration.GetValue("Payouts:AskEveryMs", 2000));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Clamp(_askEvery.TotalMilliseconds / 4, 50, 500)));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(e, "Payouts wait: the database does not answer");
            }
        }
    }

    /// <summary>Asks about all that are due now.</summary>
    internal async Task Sweep(CancellationToken cancel)
    {
        foreach (var payout in await Due(cancel))
            await TryAsk(payout, cancel);
    }

    /// <summary>One that cannot be settled holds up no other.</summary>
    private async Task TryAsk(Payout payout, CancellationToken cancel)
    {
        try
        {
            await Ask(payout, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            logger.LogWarning(e, "A payout waits: the rail or the database does not answer");
        }
    }

    private async Task Ask(Payout payout, CancellationToken cancel)
    {
        var answer = await desk.Rail.Send(payout.PayoutId, payout.Destination, new Money(payout.AmountMicros), cancel);
        if (PayoutStep.Of(answer.State) is not { } step)
            return;

        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var head = await PostEntries.Lock(transaction, desk.Clock.Now(), desk.Currency.Code);
        if (step == PayoutStep.Returned)
        {
            // That it arrived may have been heard in a transaction that was lost; booked already, it is not booked again.
            await TakeStep.Handle(payout, PayoutStep.Settled, null, head, transaction, cancel);
            head = await PostEntries.Lock(transaction, desk.Clock.Now(), desk.Currency.Code);
        }

        await TakeStep.Handle(payout, step, answer.Why, head, transaction, cancel);
        if (!answer.AskAgain)
            await connection.ExecuteAsync(DeleteOpenPayout, new { payout.PayoutId }, transaction);
        await transaction.CommitAsync(cancel);
        desk.Signal.Wake();
    }

    private async Task<IReadOnlyList<Payout>> Due(CancellationToken cancel)
    {
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        var due = new { Rail = desk.Rail.Name, Wait = _askEvery, Covered = await CheckpointQueries.Covered(connection, witnesses, cancel) };
        return (await connection.QueryAsync<Payout>(new CommandDefinition(TakeDuePayouts, due, cancellationToken: cancel))).AsList();
    }

    // Each copy of the service takes others; one that dies meanwhile leaves them due again.
    private const string TakeDuePayouts = """
        update payout_open o
        set ask_at = clock_timestamp() + @Wait, released = true
        from payout p
        where p.payout_id = o.payout_id
          and o.payout_id in (
            select d.payout_id
            from payout_open d
            join payout q on q.payout_id = d.payout_id
            join payout_step i on i.payout_id = d.payout_id and i.rank = 1
            where q.rail = @Rail and d.ask_at <= clock_timestamp() - @Wait and (d.released or i.entry_number <= @Covered)
              and not exists (select from payout_hold where lifted_at is null)
            order by d.ask_at
            limit 100
            for update of d skip locked)
        returning p.payout_id, p.worker_id, p.rail, p.destination, p.amount_micros, p.issued_at
        """;

    private const string DeleteOpenPayout = """
        delete from payout_open
        where payout_id = @PayoutId
        """;
}
