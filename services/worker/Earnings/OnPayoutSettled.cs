using Marketplace.Contracts;
using MassTransit;

namespace Marketplace.Worker.Earnings;

/// <summary>A payout arrived.</summary>
internal sealed class OnPayoutSettled(PayoutQueries payouts) : IConsumer<PayoutSettled>
{
    public Task Consume(ConsumeContext<PayoutSettled> context)
    {
        var p = context.Message;
        return payouts.Keep(
            new(p.PayoutId, p.WorkerId, p.Rail, p.AmountMicros, "settled", 2, p.At, p.EntryNumber),
            new(p.WorkerId, p.BalanceMicros, p.BalanceVersion),
            context.CancellationToken);
    }
}
