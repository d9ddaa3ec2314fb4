using Marketplace.Requester.Keys;

namespace Marketplace.Requester.Deposits;

internal static class DepositsEndpoints
{
    internal static void MapDeposits(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/deposit", GetDeposit.Handle).RequireAuthorization(SignInByKey.Program).WithTags("deposit");
}
