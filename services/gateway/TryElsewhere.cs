using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Marketplace.Gateway;

/// <summary>
/// A request that could not even be handed to a copy of its service goes to another copy. Nothing of it was sent, so nothing is done twice;
/// and a copy that is gone is asked again only after a while.
/// </summary>
internal static class TryElsewhere
{
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(5);

    internal static async Task Handle(HttpContext context, RequestDelegate next)
    {
        var health = context.RequestServices.GetRequiredService<IDestinationHealthUpdater>();
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations;
        while (true)
        {
            await next(context);
            if (!NobodyAnswered(context) || proxy.ProxiedDestination is not { } gone)
                return;

            if (context.GetRouteModel().Cluster is { } copies)
                health.SetPassive(copies, gone, DestinationHealth.Unhealthy, AskedAgainAfter);
            left = [.. left.Where(copy => copy != gone)];
            if (left.Count == 0)
                return;

            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
            proxy.ProxiedDestination = null;
            proxy.AvailableDestinations = left;
        }
    }

    /// <summary>True where no connection came about.</summary>
    private static bool NobodyAnswered(HttpContext context) =>
        !context.Response.HasStarted
        && context.Features.Get<IForwarderErrorFeature>() is
        {
            Error: ForwarderError.Request,
            Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError },
        };
}
