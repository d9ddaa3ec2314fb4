using Marketplace.Contracts;
using MassTransit;

namespace Marketplace.Worker.Earnings;

/// <summary>A payout did not leave; its money is back on the balance.</summary>
internal sealed class OnPayoutFailed(PayoutQueries payouts) : IConsumer<PayoutFailed>
{
    public Task Consume(ConsumeContext<PayoutFailed> context)
    {
        var p = context.Message;
        return payouts.Keep(
            new(p.PayoutId, p.WorkerId, p.Rail, p.AmountMicros, "failed", 2, p.At, p.EntryNumber),
            new(p.WorkerId, p.BalanceMicros, p.BalanceVersion),
            context.CancellationToken);
    }
}
