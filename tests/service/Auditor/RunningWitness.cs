using Marketplace.Auditor.Log;
using Marketplace.Auditor.Witness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>A member's witness as <c>auditor witness</c> runs it, on a port of its own; it can be stopped and started again.</summary>
internal sealed class RunningWitness : IAsyncDisposable
{
    private WitnessCommand.Settings _settings;
    private WebApplication? _app;

    private RunningWitness(WitnessCommand.Settings settings) => _settings = settings;

    internal string Folder => _settings.Data;

    internal VerifierKey Key { get; private set; } = null!;

    internal Uri Address { get; private set; } = null!;

    internal IEnumerable<string> Evidence => Directory.EnumerateFiles(Folder, "evidence-*.txt");

    /// <summary>A witness of the log with this key.</summary>
    internal static async Task<RunningWitness> Start(string name, string logKey)
    {
        var witness = new RunningWitness(new()
        {
            Name = name,
            Log = [logKey],
            Data = Directory.CreateTempSubdirectory("witness-").FullName,
            Listen = "http://127.0.0.1:0",
        });
        await witness.Start();
        return witness;
    }

    internal async Task Start()
    {
        _app = WitnessCommand.Start(_settings, TimeProvider.System, out var witness);
        Key = witness.OwnKey;
        await _app.StartAsync();
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Starts again at a place that it had before.</summary>
    internal Task StartAt(Uri address)
    {
        _settings = Change(address.ToString(), _settings.Url);
        return Start();
    }

    /// <summary>Starts again where it is, knowing where the log's tiles are.</summary>
    internal async Task KnowTiles(Uri log)
    {
        await Stop();
        _settings = Change(Address.ToString(), log.ToString());
        await Start();
    }

    private WitnessCommand.Settings Change(string listen, string? url) =>
        new() { Name = _settings.Name, Log = _settings.Log, Data = _settings.Data, Url = url, Listen = listen };

    internal async Task Stop()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await Stop();
        Directory.Delete(Folder, recursive: true);
    }
}
