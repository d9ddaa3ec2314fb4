using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Marketplace.Bench;

/// <summary>
/// Runs SQL with PostgreSQL's own load generator, which costs little itself: prepared statements, one connection a client. Every transaction is
/// timed. Logged in as a service, with plans generic from the first as the service has them.
/// </summary>
internal sealed partial class Pgbench(Installation installation)
{
    private const string AsServices = "-c plan_cache_mode=force_generic_plan";

    /// <param name="database">Where to run.</param>
    /// <param name="service">Whose login; null for the superuser.</param>
    /// <param name="script">In pgbench's language. <c>:run</c> differs from run to run.</param>
    /// <param name="clients">Connections, each running one transaction after the other.</param>
    /// <param name="stretch">How long.</param>
    /// <param name="variables">Values that the script begins with, the same for each client.</param>
    internal async Task<Sample> Run(string database, string? service, string script, int clients, TimeSpan stretch, params (string Name, long Value)[] variables)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "script.sql");
            await File.WriteAllTextAsync(file, script);
            List<string> options =
            [
                "-n", "-M", "prepared", "-c", Text(clients), "-j", Text(Math.Min(2, clients)), "-T", Text((int)stretch.TotalSeconds),
                "-l", "--log-prefix", Path.Combine(folder.FullName, "times"), "-f", file,
            ];
            foreach (var (name, value) in variables)
                options.AddRange(["-D", $"{name}={value}"]);
            var output = await Start("pgbench", database, service, [.. options]);
            var rate = double.Parse(Rate().Match(output) is { Success: true } found
                ? found.Groups[1].Value
                : throw new InvalidOperationException($"pgbench gave no rate: {output}"), CultureInfo.InvariantCulture);
            var times = folder.EnumerateFiles("times*").SelectMany(log => File.ReadLines(log.FullName))
                .Select(line => double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture) / 1000).ToList();
            return new Sample(times.Count, times.Count / rate, Compared.P95(times));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Makes pgbench's own bank and runs its TPC-B, once per call of the function that is returned.</summary>
    internal async Task<Func<int, TimeSpan, Task<Sample>>> TpcB(string database, int scale)
    {
        await Start("pgbench", database, null, "-i", "-q", "-s", Text(scale));
        return async (clients, stretch) =>
        {
            var output = await Start("pgbench", database, null, "-n", "-M", "prepared", "-c", Text(clients), "-j", "2", "-T", Text((int)stretch.TotalSeconds));
            var rate = double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
            return new Sample(rate * stretch.TotalSeconds, stretch.TotalSeconds);
        };
    }

    /// <summary>psql with a statement; what it prints is counted and thrown away.</summary>
    /// <returns>The bytes it printed.</returns>
    internal async Task<long> Psql(string database, string statement)
    {
        using var psql = Open("psql", database, null, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement);
        var errors = psql.StandardError.ReadToEndAsync();
        var counted = new CountingStream();
        await psql.StandardOutput.BaseStream.CopyToAsync(counted, 1 << 16);
        await psql.WaitForExitAsync();
        return psql.ExitCode == 0 ? counted.Count : throw new InvalidOperationException($"psql: {await errors}");
    }

    private async Task<string> Start(string program, string database, string? service, params string[] options)
    {
        using var process = Open(program, database, service, [.. options, database]);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 && !(await errors).Contains("aborted", StringComparison.Ordinal)
            ? output
            : throw new InvalidOperationException($"{program}: {await errors}");
    }

    private Process Open(string program, string database, string? service, params string[] options)
    {
        var start = new ProcessStartInfo(program, options) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["PGHOST"] = installation.PostgresHost;
        start.Environment["PGPORT"] = Text(installation.PostgresPort);
        start.Environment["PGUSER"] = service is null ? "postgres" : $"{service}_app";
        start.Environment["PGPASSWORD"] = installation.Secret(service is null ? "postgres" : $"postgres-{service}_app");
        start.Environment["PGDATABASE"] = database;
        start.Environment["PGOPTIONS"] = service is null ? "" : AsServices;
        return Process.Start(start)!;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();
}
