using System.Globalization;
using Marketplace.Contracts;
using Marketplace.Platform;

namespace Marketplace.Faults.Machine;

/// <summary>
/// The whole marketplace on this machine, blank when it starts: both servers, copies of each service behind as many gateways, a proxy on
/// each connection of each copy, and where faults are to come a clock for each copy.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private static readonly string[] Services = [EventRoutes.Payment, EventRoutes.Requester, EventRoutes.Worker];

    /// <summary>
    /// Times short enough that a run is over within a minute: an answer is paid for a second at most, a claim is held for four, and its
    /// end is told again after eight. The rules are the same.
    /// </summary>
    private static readonly (string Name, long Value)[] Policy =
    [
        ("limitLeastMs", 1_000), ("limitFactor", 1), ("leaseLeastMs", 4_000), ("earliestSubmitDivisor", 20), ("readingPerWordMs", 100),
        ("idleLeastMs", 1_000), ("idleMostMs", 2_000), ("allowanceBaseMs", 600_000), ("graceMs", 200), ("mostCreditedIn24hMs", 86_400_000),
    ];

    private readonly Dictionary<Copy, ClockFile> _clocks = [];
    private readonly Setup _setup;

    private Installation(string data, string checkout, Setup setup)
    {
        _setup = setup;
        var ports = Settings.Read(Path.Combine(data, "ports"));
        var programs = setup.Programs ?? checkout;
        Servers = new Servers(data, checkout, ports);
        Copies =
        [
            .. from service in Services
               from number in Enumerable.Range(1, setup.Copies)
               select Make(data, programs, service, number, ports),
        ];
        Auditor = Path.Combine(checkout, "services", "auditor", "bin", "Release", "net10.0", "auditor.dll");
        Gateways = [.. from number in Enumerable.Range(1, setup.Copies) select Copy.Of(
            data, programs, "gateway", number, ports, null, Known())];
        WorkerTokens = new SignInTokens(SignIn.Worker, Path.Combine(data, "secrets", "worker.pem"), TimeProvider.System);
        RequesterTokens = new SignInTokens(SignIn.Requester, Path.Combine(data, "secrets", "requester.pem"), TimeProvider.System);
    }

    internal Servers Servers { get; }
    internal IReadOnlyList<Copy> Copies { get; }
    internal IReadOnlyList<Copy> Gateways { get; }
    internal SignInTokens WorkerTokens { get; }

    /// <summary>The auditor's program.</summary>
    internal string Auditor { get; }
    internal SignInTokens RequesterTokens { get; }

    /// <summary>False where libfaketime is not installed: then no clock jumps.</summary>
    internal bool HasClocks => _clocks.Count > 0;

    /// <summary>False where no disk could be mounted for the broker: then no disk fills up.</summary>
    internal bool HasDisk { get; private set; }

    internal static async Task<Installation> Start(string data, Setup setup, CancellationToken cancel)
    {
        var checkout = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(checkout, "Marketplace.sln")))
            checkout = Path.GetDirectoryName(checkout) ?? throw new InvalidOperationException("This program is run from within its checkout.");

        var all = new Installation(data, checkout, setup);
        try
        {
            await all.Start(cancel);
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    internal Copy CopyOf(string service, int draw) => Copies.Where(c => c.Service == service).ElementAt(draw % _setup.Copies);

    internal void SetClock(Copy copy, TimeSpan ahead) => _clocks[copy].Set(ahead);

    /// <summary>Everything as it should be: clocks right, wires fair, each process running and ready.</summary>
    internal async Task Heal(CancellationToken cancel)
    {
        foreach (var (_, clock) in _clocks)
            clock.Set(TimeSpan.Zero);
        foreach (var proxy in Copies.SelectMany(c => new[] { c.Database!, c.Broker! }))
        {
            proxy.Set(null);
            proxy.Turn(Wire.Weather.Fair);
        }

        await Servers.WaitForPostgres(cancel);
        await Servers.WaitForBroker(cancel);
        if (Copies.Concat(Gateways).Where(c => c.HasEnded || c.Deaths > 0).Select(c => c.Name).ToArray() is { Length: > 0 } dead)
            throw new InvalidOperationException($"{string.Join(", ", dead)} ended by itself; its log says why.");
        await Task.WhenAll(Copies.Concat(Gateways).Select(c => c.WaitUntilReady(cancel)));
    }

    /// <summary>A counter over all copies that run.</summary>
    internal async Task<IReadOnlyDictionary<string, double>> Counters()
    {
        var all = await Task.WhenAll(Copies.Select(c => c.Metrics()));
        return all.SelectMany(m => m).GroupBy(m => m.Key).ToDictionary(m => m.Key, m => m.Sum(v => v.Value));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var copy in Gateways.Concat(Copies))
            await copy.DisposeAsync();
        await Servers.Do("gone");
    }

    private async Task Start(CancellationToken cancel)
    {
        await Servers.Do("blank");
        if (_setup.ShortTimes)
            await ShortenTimes(cancel);
        foreach (var copy in Copies.Concat(Gateways))
            copy.Start();
        await Task.WhenAll(Copies.Concat(Gateways).Select(c => c.WaitUntilReady(cancel)));
    }

    /// <summary>A policy and a small disk for faults that would else take hours.</summary>
    private async Task ShortenTimes(CancellationToken cancel)
    {
        HasDisk = await Servers.Do("fill-disk", "600")
            .ContinueWith(t => t.IsCompletedSuccessfully, cancel, TaskContinuationOptions.None, TaskScheduler.Default);
        if (HasDisk)
            await Servers.Do("free-disk");

        var policy = Policy.SelectMany(p => new[] { $"--{p.Name}", p.Value.ToString(CultureInfo.InvariantCulture) });
        if (await CopyOf(EventRoutes.Payment, 0).RunOnce(["adopt-policy", .. policy]) != 0)
            throw new InvalidOperationException("The pay policy of the run could not be adopted; payment-1.log says why.");
    }

    private Copy Make(string data, string programs, string service, int number, IReadOnlyDictionary<string, string> ports)
    {
        var clock = _setup.ShortTimes ? ClockFile.At(Path.Combine(data, "clocks", $"{service}-{number}")) : null;
        var copy = Copy.Of(data, programs, service, number, ports, clock, _setup.Settings);
        if (clock is not null)
            _clocks.Add(copy, clock);
        return copy;
    }

    /// <summary>What a gateway is told: only copies that run.</summary>
    private Dictionary<string, string> Known()
    {
        var settings = _setup.Settings.ToDictionary();
        foreach (var service in Services)
            settings[$"Services__{service}"] = string.Join(',', Copies.Where(c => c.Service == service)
                .Select(c => $"http://127.0.0.1:{c.Port}"));
        return settings;
    }
}
