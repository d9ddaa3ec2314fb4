using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// A service's command line: <c>tell-again [--since INSTANT]</c> (a day ago) puts into the outbox what the service has to say of the time
/// since, so that those who lost messages catch up: after a restored backup, or when the broker lost its disk. The running service sends it.
/// </summary>
public static class TellAgainCommand
{
    public const string Verb = "tell-again";

    /// <summary>Runs the service until it is stopped, or this verb where the command line names it.</summary>
    /// <returns>The exit code: 0 done, 2 something named is wrong and nothing was changed.</returns>
    public static async Task<int> RunOrTellAgain(this WebApplication app, string[] args, IReadOnlyList<Telling> tellings)
    {
        if (args is [Verb, ..])
            return await Run(args, app.Services, tellings, Console.Out, Console.Error, CancellationToken.None);

        await app.RunAsync();
        return 0;
    }

    /// <summary>Tells all of <paramref name="tellings"/> again, and prints how many of each.</summary>
    public static async Task<int> Run(
        string[] args, IServiceProvider services, IReadOnlyList<Telling> tellings, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        if (Since(args, services.GetRequiredService<TimeProvider>()) is not { } since)
        {
            await errors.WriteLineAsync($"Usage: {Verb} [--since INSTANT], an instant such as 2026-03-03T09:00:00Z");
            return 2;
        }

        await MigrateFirst(services, cancel);
        foreach (var telling in tellings)
        {
            var told = await telling.Tell(services.GetRequiredService<NpgsqlDataSource>(), since, cancel);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{told,8}  {telling.Event}"));
        }

        return 0;
    }

    /// <summary>Brings the service's database to this program's version, for a verb that runs without the service.</summary>
    public static Task MigrateFirst(IServiceProvider services, CancellationToken cancel)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var service = services.GetRequiredService<ServiceAssembly>().Assembly;
        return Database.Migrate(
            configuration.GetConnectionString("Owner")!, service, services.GetRequiredService<ILoggerFactory>().CreateLogger(Verb), cancel);
    }

    private static DateTimeOffset? Since(string[] args, TimeProvider clock)
    {
        var at = Array.IndexOf(args, "--since");
        if (at < 0)
            return clock.Now() - TimeSpan.FromDays(1);
        return at + 1 < args.Length
            && DateTimeOffset.TryParse(args[at + 1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var since)
                ? since
                : null;
    }
}

/// <summary>The assembly with the service's migrations.</summary>
internal sealed record ServiceAssembly(Assembly Assembly);
