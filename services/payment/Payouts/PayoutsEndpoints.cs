using Marketplace.Platform;

namespace Marketplace.Payment.Payouts;

/// <summary>Cashing out as programs see it; the page at the same address takes the forms.</summary>
internal static class PayoutsEndpoints
{
    internal static void MapPayouts(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/ledger/cash-out", IssuePayout.Handle)
            .Validate<IssuePayout.Request>()
            .RequireAuthorization(SignIn.FreshWorkerPolicy);
}
