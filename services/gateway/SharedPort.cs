using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Marketplace.Gateway;

/// <summary>
/// Two gateways of one user may listen on one port, so that a new one takes over from the old without a moment where nobody listens
/// (Linux: <c>SO_REUSEPORT</c>, socket(7)).
/// </summary>
internal static class SharedPort
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    internal static void Allow(SocketTransportOptions sockets)
    {
        if (OperatingSystem.IsLinux())
            sockets.CreateBoundListenSocket = Bind;
    }

    private static Socket Bind(EndPoint endpoint)
    {
        if (endpoint is not IPEndPoint address)
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.Address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
        socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
        socket.Bind(address);
        return socket;
    }
}
