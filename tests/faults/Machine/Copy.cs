using System.Diagnostics;
using System.Globalization;
using Marketplace.Faults.Wire;

namespace Marketplace.Faults.Machine;

/// <summary>
/// One copy of a service: a process of its own with ports, wires and a clock of its own. It is ended as a crash ends it, and started again.
/// </summary>
internal sealed class Copy : IAsyncDisposable
{
    /// <summary>A shell that becomes the program, whose output goes to its log without passing through us.</summary>
    private const string Become = """log=$1; program=$2; shift 2; exec dotnet "$program" "$@" >>"$log" 2>&1""";

    private readonly string _data;
    private readonly string _program;
    private readonly Dictionary<string, string> _environment;
    private readonly int _healthPort;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Lock _gate = new();
    private Process? _process;

    private Copy(string data, string service, int number, string program, Dictionary<string, string> environment, IReadOnlyDictionary<string, string> ports)
    {
        (_data, Service, Name, _program, _environment) = (data, service, $"{service}-{number}", program, environment);
        var variable = Name.Replace('-', '_');
        Port = int.Parse(ports[$"port_{variable}"], CultureInfo.InvariantCulture);
        _healthPort = int.Parse(ports[$"port_{variable}_health"], CultureInfo.InvariantCulture);
        environment["Urls"] = $"http://127.0.0.1:{Port}";
        environment["Health__Port"] = $"{_healthPort}";
    }

    internal string Service { get; }
    internal string Name { get; }
    internal int Port { get; }
    internal Proxy? Database { get; private set; }
    internal Proxy? Broker { get; private set; }

    /// <summary>How often it ended without us: what it could not bear ended the whole service.</summary>
    internal int Deaths { get; private set; }

    /// <summary>A copy as deploy/faults has prepared it; not started yet.</summary>
    /// <param name="data">The folder of the installation.</param>
    /// <param name="programs">The checkout whose program it runs.</param>
    /// <param name="service">Which service.</param>
    /// <param name="number">From 1.</param>
    /// <param name="ports">As deploy/faults chose them.</param>
    /// <param name="clock">Null where it keeps the machine's.</param>
    /// <param name="settings">What it is told beside that.</param>
    internal static Copy Of(
        string data, string programs, string service, int number, IReadOnlyDictionary<string, string> ports, ClockFile? clock,
        IReadOnlyDictionary<string, string> settings)
    {
        var environment = new Dictionary<string, string>(Settings.Read(Path.Combine(data, "secrets", $"{service}-{number}.env")))
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Installation__TimeZone"] = "UTC",
            ["Assignments__ResendAfter"] = "00:00:08",
            ["Assignments__SweepEvery"] = "00:00:00.5",
            ["AskAgain__AfterSeconds"] = "8",
            ["Payouts__AskEveryMs"] = "300",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        clock?.AddTo(environment);
        var program = Path.Combine(programs, "services", service, "bin", "Release", "net10.0", $"Marketplace.{char.ToUpperInvariant(service[0])}{service[1..]}.dll");
        var copy = new Copy(data, service, number, program, environment, ports);
        if (service != "gateway")
        {
            var variable = copy.Name.Replace('-', '_');
            int Number(string name) => int.Parse(ports[name], CultureInfo.InvariantCulture);
            copy.Database = new Proxy(Number($"port_{variable}_postgres"), Number("port_postgres"), isAmqp: false);
            copy.Broker = new Proxy(Number($"port_{variable}_rabbitmq"), Number("port_rabbitmq"), isAmqp: true);
        }

        return copy;
    }

    /// <summary>Runs the program with a command line to its end.</summary>
    /// <returns>Its exit code.</returns>
    internal async Task<int> RunOnce(params string[] arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    internal void Start()
    {
        lock (_gate)
        {
            _process = Process.Start(Command([]))!;

            // In the form of deploy/parts/processes.sh, so that deploy/faults ends what we could not.
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            File.WriteAllText(Path.Combine(_data, "processes", Name), $"{_process.Id} {stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]}\n");
        }
    }

    /// <summary>Ends it with SIGKILL, now.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            if (_process is null)
                return;
            Deaths += _process.HasExited ? 1 : 0;
            _process.Kill();
            _process.Dispose();
            _process = null;
        }
    }

    internal async Task WaitUntilReady(CancellationToken cancel)
    {
        while (!await Answers(cancel))
            await Task.Delay(200, cancel);
    }

    /// <summary>Whether the process has ended without us.</summary>
    internal bool HasEnded
    {
        get
        {
            lock (_gate)
                return _process is { HasExited: true };
        }
    }

    /// <summary>The bytes of memory that are really its own.</summary>
    internal long MemoryBytes
    {
        get
        {
            lock (_gate)
            {
                if (_process is null)
                    return 0;
                _process.Refresh();
                return _process.WorkingSet64;
            }
        }
    }

    /// <summary>Its counters, by name; none where it does not answer.</summary>
    internal async Task<IReadOnlyDictionary<string, double>> Metrics()
    {
        var counters = new Dictionary<string, double>();
        try
        {
            foreach (var line in (await _http.GetStringAsync($"http://127.0.0.1:{_healthPort}/metrics")).Split('\n'))
            {
                var parts = line.Split(' ');
                if (line.StartsWith("marketplace_", StringComparison.Ordinal) && parts.Length >= 2 && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var value))
                    counters[parts[0].Split('{')[0]] = counters.GetValueOrDefault(parts[0].Split('{')[0]) + value;
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // It is starting, or gone.
        }

        return counters;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        _http.Dispose();
        if (Database is not null)
            await Database.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
    }

    private async Task<bool> Answers(CancellationToken cancel)
    {
        try
        {
            using var response = await _http.GetAsync($"http://127.0.0.1:{_healthPort}/health/ready", cancel);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private ProcessStartInfo Command(string[] arguments)
    {
        var command = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        string[] line = ["-c", Become, "sh", Path.Combine(_data, "logs", $"{Name}.log"), _program, .. arguments];
        foreach (var argument in line)
            command.ArgumentList.Add(argument);
        foreach (var (name, value) in _environment)
            command.Environment[name] = value;
        return command;
    }
}
