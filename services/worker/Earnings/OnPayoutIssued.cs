using Marketplace.Contracts;
using MassTransit;

namespace Marketplace.Worker.Earnings;

/// <summary>A payout left the balance and is on its way.</summary>
internal sealed class OnPayoutIssued(PayoutQueries payouts) : IConsumer<PayoutIssued>
{
    public Task Consume(ConsumeContext<PayoutIssued> context)
    {
        var p = context.Message;
        return payouts.Keep(
            new(p.PayoutId, p.WorkerId, p.Rail, p.AmountMicros, "issued", 1, p.At, p.EntryNumber),
            new(p.WorkerId, p.BalanceMicros, p.BalanceVersion),
            context.CancellationToken);
    }
}
