using Marketplace.Contracts;
using MassTransit;

namespace Marketplace.Worker.Earnings;

/// <summary>A payout that had arrived was sent back; its money is on the balance again.</summary>
internal sealed class OnPayoutReturned(PayoutQueries payouts) : IConsumer<PayoutReturned>
{
    public Task Consume(ConsumeContext<PayoutReturned> context)
    {
        var p = context.Message;
        return payouts.Keep(
            new(p.PayoutId, p.WorkerId, p.Rail, p.AmountMicros, "returned", 3, p.At, p.EntryNumber),
            new(p.WorkerId, p.BalanceMicros, p.BalanceVersion),
            context.CancellationToken);
    }
}
