using System.Diagnostics;
using Npgsql;

namespace Marketplace.Bench;

/// <summary>What deploy/bench has started: addresses, logins and processes, read from its data folder; and the means to stop and start a service.</summary>
internal sealed class Installation(string data, string checkout)
{
    private readonly Dictionary<string, int> _ports = File.ReadAllLines(Path.Combine(data, "ports"))
        .Select(line => line.Split('=')).ToDictionary(part => part[0]["port_".Length..], part => int.Parse(part[1], System.Globalization.CultureInfo.InvariantCulture));

    internal static readonly string[] Processes = ["gateway", "worker", "requester", "payment", "rabbitmq", "postgres"];

    internal string Reports => Path.Combine(data, "reports");

    internal string Checkout => checkout;

    /// <summary>The one origin, the gateway's.</summary>
    internal Uri Gateway => new($"http://127.0.0.1:{_ports["gateway"]}");

    internal int PostgresPort => _ports["postgres"];

    /// <summary>The folder of the server's socket, through which the services and the baselines reach it alike; the loopback address where it has none.</summary>
    internal string PostgresHost => Path.Combine(data, "sockets") is var sockets && File.Exists(Path.Combine(sockets, $".s.PGSQL.{PostgresPort}")) ? sockets : "127.0.0.1";

    /// <summary>The broker, as the login that may do everything.</summary>
    internal Uri RabbitMq => new($"amqp://administrator:{Secret("rabbitmq-administrator")}@127.0.0.1:{_ports["rabbitmq"]}/");

    internal string Secret(string name) => File.ReadAllText(SecretFile(name)).Trim();

    internal string SecretFile(string name) => Path.Combine(data, "secrets", name);

    /// <summary>A database as a service sees it; without a service, as the superuser.</summary>
    internal string Database(string name, string? service = null) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = PostgresPort,
        Database = name,
        Username = service is null ? "postgres" : $"{service}_app",
        Password = Secret(service is null ? "postgres" : $"postgres-{service}_app"),
        CommandTimeout = 0,
        ApplicationName = "bench",
        Pooling = false,
    }.ConnectionString;

    internal string OwnerOf(string service, string database) => new NpgsqlConnectionStringBuilder(Database(database))
    {
        Username = $"{service}_owner",
        Password = Secret($"postgres-{service}_owner"),
        Pooling = false,
    }.ConnectionString;

    /// <summary>The number of a running process; null where it is stopped.</summary>
    internal int? ProcessOf(string name)
    {
        var file = Path.Combine(data, "processes", name);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Split(' ')[0], out var pid) && Directory.Exists($"/proc/{pid}") ? pid : null;
    }

    internal Task Stop(string service) => Script("--stop", service);

    internal Task Start(string service) => Script("--start", service);

    /// <summary>The same with another step at which what is public moves, which stays until another is named.</summary>
    internal Task Start(string service, string step) => Script("--start", service, step);

    private async Task Script(params string[] arguments)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(checkout, "deploy", "bench"), arguments))!;
        await script.WaitForExitAsync();
        if (script.ExitCode != 0)
            throw new InvalidOperationException($"deploy/bench {string.Join(' ', arguments)} ended with {script.ExitCode}.");
    }
}
