using Marketplace.Platform;

namespace Marketplace.Worker.Earnings;

internal static class EarningsEndpoints
{
    internal static void MapEarnings(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/earnings", (HttpContext http, ShowEarnings show, int? page) => show.Latest(http, page ?? 1)).RequireAuthorization(SignIn.WorkerPolicy);
        routes.MapGet("/payslips/{day}", (DateOnly day, HttpContext http, ShowEarnings show, int? page) => show.OfDay(http, day, page ?? 1))
            .RequireAuthorization(SignIn.WorkerPolicy);
        routes.MapGet("/payslips/proofs/{assignmentId:guid}", (Guid assignmentId, HttpContext http, ShowProof show) => show.Handle(http, assignmentId))
            .RequireAuthorization(SignIn.WorkerPolicy);
    }

    internal static void AddEarnings(this IServiceCollection services)
    {
        services.AddSingleton<EarningsQueries>();
        services.AddSingleton<ShowEarnings>();
        services.AddSingleton<ShowProof>();
    }
}
