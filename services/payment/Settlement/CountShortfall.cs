using Marketplace.Platform;

namespace Marketplace.Payment.Settlement;

/// <summary>What was paid although the escrow was short of it. It is 0, or a bug has cost the cooperative money.</summary>
internal static class CountShortfall
{
    internal static void AddNumbers(IServiceCollection services) => services.AddSingleton(new StandingNumber(
        "marketplace.payment.shortfall_micros", "{micro}", "Balance of expenses:shortfall in micro-units; anything but 0 is a bug.", Balance));

    private const string Balance = """
        select coalesce(sum(balance_micros), 0)
        from account
        where kind = 'shortfall'
        """;
}
