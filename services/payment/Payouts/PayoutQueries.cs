namespace Marketplace.Payment.Payouts;

/// <summary>What both pages of a worker's money ask.</summary>
internal static class PayoutQueries
{
    // Index account_worker.
    internal const string SelectBalance = """
        select -balance_micros
        from account
        where worker_id = @Worker and kind = 'payable' and currency = @Currency
        """;
}
