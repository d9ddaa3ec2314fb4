using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Marketplace.Ui;

/// <summary>What a service calls to have our look: the components before it is built, the addresses after.</summary>
public static class UiRoutes
{
    /// <summary>Makes <see cref="Show"/>, <see cref="Assets"/> and the layout's parts available to pages.</summary>
    public static IServiceCollection AddUi(this IServiceCollection services, Installation installation)
    {
        services.AddSingleton(installation);
        services.AddSingleton<Assets>();
        services.AddSingleton<Show>();
        services.AddSingleton(at => new FloorLine(at.GetService<FloorInForce>()));
        services.TryAddSingleton(TimeProvider.System);
        // Before the writer of JSON: the first that can write, writes.
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProblemPage>());
        return services;
    }

    /// <summary>Serves our style sheet and scripts at <c>/ui/…</c>.</summary>
    public static void MapUi(this IEndpointRouteBuilder app) => app.MapAssets("/ui", typeof(UiRoutes).Assembly);

    /// <summary>Serves a service's own scripts, embedded as <c>asset/NAME</c>, under a path of its own.</summary>
    public static void MapAssets(this IEndpointRouteBuilder app, string path, Assembly assembly)
    {
        foreach (var asset in app.ServiceProvider.GetRequiredService<Assets>().Add(path, assembly).ToList())
            app.MapMethods(asset.Path, ["GET", "HEAD"], asset.Serve).AllowAnonymous();
    }
}
