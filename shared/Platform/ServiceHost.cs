using System.Globalization;
using System.Reflection;
using FluentValidation;
using Marketplace.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Platform;

/// <summary>What every service starts from: configuration, database, telemetry, pages, and the order of the pipeline.</summary>
public static class ServiceHost
{
    internal const string ServiceKey = "Service";

    /// <summary>A builder for the service of this name.</summary>
    /// <param name="service">The service's name in <see cref="Contracts.EventRoutes"/>.</param>
    /// <param name="args">The command line: <c>--Key=value</c> settings win over environment and files.</param>
    /// <param name="clock">Null in production: the system's clock.</param>
    /// <param name="assembly">The service's assembly: its migrations, validators and pages.</param>
    public static WebApplicationBuilder CreateBuilder(string service, string[] args, TimeProvider? clock, Assembly assembly)
    {
        var builder = CreateBareBuilder(service, args, assembly);
        builder.AddDatabase(assembly);
        Numbers.Add(builder);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.AddSignInVerification();
        builder.AddDatabaseDataProtection();
        builder.Services.AddHealthChecks().AddCheck<Telemetry.DatabaseAnswers>("database");
        builder.Services.AddValidatorsFromAssembly(assembly, ServiceLifetime.Singleton, includeInternalTypes: true);
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions.TryAdd("reference", Problems.NewReference()));
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = "RequestVerificationToken";
            antiforgery.Cookie = new Cookies.Builder($"{service}.antiforgery");
            antiforgery.SuppressXFrameOptionsHeader = true;
        });

        // Pages live in the folder of their feature and name their own address; RequestGuard checks the token of every form.
        builder.Services
            .AddRazorPages(pages =>
            {
                pages.RootDirectory = "/";
                pages.Conventions.ConfigureFilter(new IgnoreAntiforgeryTokenAttribute());
            })
            .AddApplicationPart(assembly);
        builder.Services.Configure<CookieTempDataProviderOptions>(notes => notes.Cookie = new Cookies.Builder($"{service}.note"));
        builder.Services.AddUi(new Installation
        {
            Name = builder.Configuration["Installation:Name"] ?? "Marketplace",
            Currency = builder.Configuration["Installation:Currency"] ?? "EUR",
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById(builder.Configuration["Installation:TimeZone"] ?? "Europe/Berlin"),
        });
        builder.Services.AddSingleton(new Publication(builder.Configuration));
        builder.Services.Configure<RequestLocalizationOptions>(SpeakTheReadersNumbers);
        builder.Services.Configure<ForwardedHeadersOptions>(options => TrustTheGateway(options, builder.Configuration["Gateway:Networks"]));
        return builder;
    }

    /// <summary>A builder with configuration, telemetry, health and addresses only, for a program without database or pages.</summary>
    public static WebApplicationBuilder CreateBareBuilder(string service, string[] args, Assembly assembly)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration[ServiceKey] = service;
        builder.AddTelemetry(service);
        builder.Services.AddHealthChecks();
        builder.ListenOn();
        return builder;
    }

    /// <summary>Gives every answer the headers that bound what a page may do; those that an answer brings from a service stay.</summary>
    public static void UseSafeHeaders(this WebApplication app) => app.Use(RequestGuard.AddHeaders);

    /// <summary>Builds the service with the pipeline that all share; the caller maps its endpoints on it.</summary>
    public static WebApplication BuildService(this WebApplicationBuilder builder)
    {
        var app = builder.Build();

        app.UseForwardedHeaders();
        app.UseSafeHeaders();
        app.MapHealth();
        app.UseRequestLocalization(); // First, so that an error speaks the reader's numbers too.
        app.UseErrorPages();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(RequestGuard.CheckAntiforgery); // A form belongs to who is signed in, so this comes after.
        app.MapUi();
        app.MapRazorPages();
        return app;
    }

    private static void ListenOn(this WebApplicationBuilder builder)
    {
        var urls = builder.Configuration["Urls"] ?? "http://127.0.0.1:5000";
        if (builder.Configuration["Health:Port"] is { Length: > 0 } port)
            urls += $";http://{builder.Configuration["Health:Host"] ?? "127.0.0.1"}:{port}";

        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 2 * 1024 * 1024;
        });
    }

    /// <summary>The words are English; money, numbers and times are written as the reader's browser asks.</summary>
    private static void SpeakTheReadersNumbers(RequestLocalizationOptions options)
    {
        options.DefaultRequestCulture = new RequestCulture("en");
        options.SupportedCultures = CultureInfo.GetCultures(CultureTypes.AllCultures & ~CultureTypes.UserCustomCulture);
        options.SupportedUICultures = [new CultureInfo("en")];
        options.RequestCultureProviders = [new AcceptLanguageHeaderRequestCultureProvider { MaximumAcceptLanguageHeaderValuesToTry = 3 }];
    }

    private static void TrustTheGateway(ForwardedHeadersOptions options, string? networks)
    {
        options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        foreach (var network in (networks ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
    }
}
