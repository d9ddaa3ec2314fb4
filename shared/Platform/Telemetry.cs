using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Marketplace.Platform;

/// <summary>Logs as JSON lines, traces that follow one assignment through the services, metrics, and health.</summary>
public static class Telemetry
{
    /// <summary>The services' own spans.</summary>
    public static readonly ActivitySource Source = new("Marketplace");

    /// <summary>The services' own numbers.</summary>
    public static readonly Meter Meter = new("Marketplace");

    internal static void AddTelemetry(this WebApplicationBuilder builder, string service)
    {
        builder.Logging.ClearProviders();
        Quieten(builder.Configuration);
        if (builder.Configuration.GetValue("Logging:Console", true))
        {
            builder.Logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                json.IncludeScopes = true;
            });
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService($"marketplace-{service}"))
            .WithMetrics(metrics => metrics
                .AddMeter(Meter.Name, "MassTransit", "Npgsql", "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0));

        // Spans cost time on every request, so they are made only where somebody collects them.
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(Source.Name, "MassTransit", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddOtlpExporter());
        }
    }

    /// <summary>
    /// Five lines about each request that went well cost more than the request, and say nothing that its response did not. What goes wrong
    /// is still written; a setting (<c>Logging:LogLevel:…</c>) brings the rest back.
    /// </summary>
    private static void Quieten(ConfigurationManager configuration)
    {
        foreach (var talkative in new[] { "Microsoft.AspNetCore", "System.Net.Http", "Yarp" })
            configuration[$"Logging:LogLevel:{talkative}"] ??= nameof(LogLevel.Warning);
    }

    /// <summary>
    /// <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>, on the port of their own where one is set
    /// (<c>Health:Port</c>) and nowhere else.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        if (app.Configuration.GetValue<int?>("Health:Port") is not { } port)
            return;

        app.UseWhen(
            context => context.Connection.LocalPort == port,
            own => own
                .UseHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false })
                .UseHealthChecks("/health/ready")
                .Use(MeasureFirst)
                .UseOpenTelemetryPrometheusScrapingEndpoint("/metrics")
                .Run(context =>
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }));
    }

    private static async Task MeasureFirst(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path == "/metrics" && context.RequestServices.GetService<Numbers>() is { } numbers)
            await numbers.Measure(context.RequestAborted);
        await next(context);
    }

    internal sealed class DatabaseAnswers(NpgsqlDataSource database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = database.CreateCommand("select 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException e)
            {
                return HealthCheckResult.Unhealthy("The database does not answer.", e);
            }
        }
    }
}
