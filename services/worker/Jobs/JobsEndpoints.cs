using Marketplace.Platform;

namespace Marketplace.Worker.Jobs;

internal static class JobsEndpoints
{
    internal static void MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext http, ListJobs list, string? sort) => list.Handle(http, sort)).AllowAnonymous();
        routes.MapGet("/policy", (HttpContext http, ShowPolicy show) => show.Handle(http)).AllowAnonymous();
    }

    internal static void AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<ListJobs>();
        services.AddSingleton<ShowPolicy>();
        services.AddSingleton<PublicationSteps>();
        services.AddHostedService<ShowJobs>();
    }
}
