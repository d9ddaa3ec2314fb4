using System.Reflection;
using Dapper;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// The service's own PostgreSQL database: the application's login as an <see cref="NpgsqlDataSource"/>, and the migrations
/// (embedded <c>Schema/0*.sql</c>) run by the owner's login before anything else starts.
/// </summary>
public static class Database
{
    // A number of our own, so that two copies that start at once migrate one after the other.
    private const long MigrationLock = 7_265_018_004;

    internal static void AddDatabase(this WebApplicationBuilder builder, Assembly service)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;

        builder.Services.AddSingleton(new ServiceAssembly(service));
        builder.Services.AddSingleton(_ => CreateDataSource(Required(builder.Configuration, "App")));
        builder.Services.AddSingleton<IHostedService>(services => new MigrateAtStart(
            Required(builder.Configuration, "Owner"), service, services.GetRequiredService<ILoggerFactory>()));
    }

    /// <summary>
    /// A pool for the application's login. A cold connection would plan each statement five times before it settles on a
    /// generic plan, so plans are generic from the first; a transaction left open is ended by the server. A connection goes back
    /// to the pool as it is: nothing here leaves anything in a session, and undoing that costs seven statements at each use.
    /// </summary>
    public static NpgsqlDataSource CreateDataSource(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options ??= "-c plan_cache_mode=force_generic_plan -c idle_in_transaction_session_timeout=30s -c lock_timeout=20s";
        settings.ApplicationName ??= "marketplace";
        settings.NoResetOnClose = true;
        if (!connectionString.Contains("Max Auto Prepare", StringComparison.OrdinalIgnoreCase))
        {
            settings.MaxAutoPrepare = 100;
            settings.AutoPrepareMinUsages = 2;
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>Runs the migrations embedded in <paramref name="service"/> that this database has not had, in order.</summary>
    /// <exception cref="InvalidOperationException">A migration failed; the message names it.</exception>
    public static async Task Migrate(string ownerConnectionString, Assembly service, ILogger logger, CancellationToken cancel)
    {
        // A session's lock ends with its connection: one of the pool would hold it on, and let no other copy start.
        await using var guard = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ownerConnectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await guard.OpenAsync(cancel);
        await guard.ExecuteAsync("select pg_advisory_lock(@MigrationLock)", new { MigrationLock });

        var upgrade = DeployChanges.To
            .PostgresqlDatabase(ownerConnectionString)
            .WithScriptsEmbeddedInAssembly(service, name => name.Contains(".Schema.0", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new UpgradeLog(logger))
            .Build();

        var result = upgrade.PerformUpgrade();
        if (!result.Successful)
            throw new InvalidOperationException($"The migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
    }

    /// <summary>
    /// Does a step of a service's start. A server that is still coming up, or goes away once more meanwhile, is waited for as long as it
    /// takes, so that nobody has to start the service again.
    /// </summary>
    public static async Task Insist(Func<CancellationToken, Task> step, ILogger logger, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await step(cancel);
                return;
            }
            catch (Exception e) when (Messaging.MayPass(e) || (e.InnerException is { } why && Messaging.MayPass(why)))
            {
                logger.LogWarning("The database does not answer yet: {Why}", e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            }
        }
    }

    private static string Required(IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name)
        ?? throw new InvalidOperationException($"The setting ConnectionStrings:{name} is missing.");

    private sealed class MigrateAtStart(string owner, Assembly service, ILoggerFactory loggers) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            var logger = loggers.CreateLogger("Marketplace.Migrations");
            return Insist(cancel => Migrate(owner, service, logger, cancel), logger, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class UpgradeLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Write(LogLevel.Trace, format, args);

        public void LogDebug(string format, params object[] args) => Write(LogLevel.Debug, format, args);

        public void LogInformation(string format, params object[] args) => Write(LogLevel.Debug, format, args);

        public void LogWarning(string format, params object[] args) => Write(LogLevel.Warning, format, args);

        public void LogError(string format, params object[] args) => Write(LogLevel.Error, format, args);

        public void LogError(Exception ex, string format, params object[] args) =>
            logger.LogError(ex, "{Message}", string.Format(null, format, args));

        private void Write(LogLevel level, string format, object[] args) =>
            logger.Log(level, "{Message}", string.Format(null, format, args));
    }
}
