using Marketplace.Platform;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Marketplace.Gateway;

/// <summary>
/// One origin for the three services. It routes by path, keeps the original host, rewrites nothing, and knows nobody:
/// each service checks its own visitors.
/// </summary>
internal static class GatewayService
{
    /// <summary>Which service answers which paths; what none of these names is the worker service's.</summary>
    private static readonly (string Service, string[] Paths)[] Routes =
    [
        ("requester", ["/requester/{**rest}", "/api/{**rest}", "/mturk/{**rest}", "/media/{**rest}", "/openapi.json"]),
        ("payment", ["/ledger/{**rest}", "/log/{**rest}"]),
        ("worker", ["/{**rest}"]),
    ];

    internal static WebApplication Build(string[] args)
    {
        var builder = ServiceHost.CreateBareBuilder("gateway", args, typeof(GatewayService).Assembly);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Uploads are bounded and streamed by the service that takes them.
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.WebHost.UseSockets(SharedPort.Allow);
        if (builder.Configuration["Services:File"] is { Length: > 0 } file)
            builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true);
        builder.Services.AddReverseProxy().LoadFromMemory(ProxyRoutes(), Clusters(builder.Configuration));

        var app = builder.Build();
        ChangeToken.OnChange(
            ((IConfiguration)builder.Configuration).GetReloadToken,
            () => app.Services.GetRequiredService<InMemoryConfigProvider>().Update(ProxyRoutes(), Clusters(builder.Configuration)));
        app.UseSafeHeaders();
        app.MapHealth();
        app.Use(AwayPage.Write);
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(TryElsewhere.Handle);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return app;
    }

    private static List<RouteConfig> ProxyRoutes() =>
    [
        .. from route in Routes
           from path in route.Paths
           select new RouteConfig
           {
               RouteId = $"{route.Service} {path}",
               ClusterId = route.Service,
               Match = new RouteMatch { Path = path },
               Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }],
           },
    ];

    /// <summary>
    /// A service's copies, as <c>Services:worker</c> lists them, separated by commas; a copy that dies is left out until it answers again. Where
    /// <c>Services:File</c> names a JSON file, what it says counts, also what it says later: so copies come and go without a restart.
    /// </summary>
    private static List<ClusterConfig> Clusters(ConfigurationManager configuration) =>
    [
        .. from route in Routes
           let addresses = configuration[$"Services:{route.Service}"]
               ?? throw new InvalidOperationException($"The setting Services:{route.Service} is missing.")
           select new ClusterConfig
           {
               ClusterId = route.Service,
               LoadBalancingPolicy = "LeastRequests",
               HealthCheck = new HealthCheckConfig
               {
                   AvailableDestinationsPolicy = "HealthyOrPanic",
                   Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(5) },
               },
               Destinations = addresses
                   .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                   .Distinct()
                   .ToDictionary(address => address, address => new DestinationConfig { Address = address }),
           },
    ];
}
