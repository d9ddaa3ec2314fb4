using Marketplace.Platform;

namespace Marketplace.Payment.Deposits;

/// <summary>Deposits as programs see them; the page at the same address takes the forms.</summary>
internal static class DepositsEndpoints
{
    internal static void MapDeposits(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/ledger/deposits", AddDeposit.Handle)
            .Validate<AddDeposit.Request>()
            .RequireAuthorization(SignIn.RequesterPolicy);
}
