using System.Net;
using System.Net.Sockets;

namespace Marketplace.Faults.Wire;

/// <summary>One connection through a proxy: bytes both ways, and an end of one side passed on to the other.</summary>
internal sealed class Link(Proxy proxy, Socket client) : IDisposable
{
    /// <summary>How PostgreSQL says that a commit is done, by itself or as the last of several statements (its protocol's CommandComplete).</summary>
    private static readonly byte[] Committed = "C\0\0\0\u000bCOMMIT\0"u8.ToArray();

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly AmqpFrames _frames = new();

    internal async Task Run(IPEndPoint target)
    {
        client.NoDelay = true;
        await _server.ConnectAsync(target);
        await Task.WhenAll(Pump(client, _server, fromServer: false), Pump(_server, client, fromServer: true));
    }

    /// <summary>Both sides get a reset, as from a router that forgot the connection.</summary>
    internal void Cut()
    {
        foreach (var side in new[] { client, _server })
        {
            try
            {
                side.LingerState = new LingerOption(true, 0);
                side.Close();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It was over before.
            }
        }
    }

    internal void HalfClose(bool towardsServer)
    {
        try
        {
            (towardsServer ? _server : client).Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was over before.
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task Pump(Socket from, Socket to, bool fromServer)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var count = await from.ReceiveAsync(buffer);
            if (count == 0)
                break;

            var fate = await proxy.Decide(count, Look(buffer.AsSpan(0, count), fromServer));
            if (fate == Fate.Cut)
            {
                Cut();
                return;
            }

            for (var sent = 0; sent < count;)
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private Passing Look(ReadOnlySpan<byte> bytes, bool fromServer)
    {
        if (proxy.IsAmqp)
            return fromServer ? _frames.Read(bytes) : Passing.Nothing;
        return fromServer && bytes.IndexOf(Committed) >= 0 ? Passing.Commit : Passing.Nothing;
    }
}
