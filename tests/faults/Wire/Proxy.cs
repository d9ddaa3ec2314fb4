using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Marketplace.Faults.Wire;

/// <summary>
/// Stands between one copy of a service and one of its servers, so that their connection can be made slow, cut, or closed on one side, without
/// a change to either. Ours, because what is wanted happens at moments that only somebody who reads along can see.
/// </summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly Task _accepting;
    private readonly ConcurrentDictionary<Link, bool> _links = new();
    private long _bytesLeft;
    private volatile Weather _weather = Weather.Fair;
    private volatile Trap? _trap;

    /// <param name="port">Where it listens, on loopback.</param>
    /// <param name="target">The server's port, on loopback.</param>
    /// <param name="isAmqp">Whether the server is the broker; otherwise PostgreSQL.</param>
    internal Proxy(int port, int target, bool isAmqp)
    {
        (_target, IsAmqp) = (target, isAmqp);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start(512);
        _accepting = Accept();
    }

    internal bool IsAmqp { get; }

    /// <summary>What passes from now on is treated so.</summary>
    internal void Turn(Weather weather)
    {
        Interlocked.Exchange(ref _bytesLeft, weather.CutAfterBytes ?? long.MaxValue);
        _weather = weather;
    }

    /// <summary>Arms a trap; at most one is armed.</summary>
    internal void Set(Trap? trap) => _trap = trap;

    /// <summary>Resets every connection.</summary>
    internal void CutAll()
    {
        foreach (var link in _links.Keys)
            link.Cut();
    }

    /// <summary>Closes one direction of every connection: nothing more goes there, while the other still runs.</summary>
    internal void HalfClose(bool towardsServer)
    {
        foreach (var link in _links.Keys)
            link.HalfClose(towardsServer);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        CutAll();
        await _accepting;
    }

    /// <summary>Decides what happens with a piece, after whatever it has to wait for.</summary>
    internal async Task<Fate> Decide(int bytes, Passing passing)
    {
        var weather = _weather;
        if (weather.Delay > TimeSpan.Zero)
            await Task.Delay(weather.Delay);
        if (weather.CutAfterBytes is not null && Interlocked.Add(ref _bytesLeft, -bytes) < 0)
            return Fate.Cut;

        if (passing == Passing.Nothing || _trap is not { } trap || !trap.Meets(passing))
            return Fate.Goes;

        // What was committed or confirmed is done, and who asked for it never hears so.
        _trap = null;
        return trap.Cuts ? Fate.Cut : Fate.Goes;
    }

    private async Task Accept()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            if (_weather.Refuses)
                client.Close(0);
            else
                _ = Carry(client);
        }
    }

    private async Task Carry(Socket client)
    {
        using var link = new Link(this, client);
        _links[link] = true;
        try
        {
            await link.Run(new IPEndPoint(IPAddress.Loopback, _target));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            link.Cut();
        }
        finally
        {
            _links.TryRemove(link, out _);
        }
    }
}
