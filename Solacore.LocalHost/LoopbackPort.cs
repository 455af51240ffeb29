using System.Net;
using System.Net.Sockets;

namespace Solacore.LocalHost;

/// <summary>Ports of 127.0.0.1.</summary>
public static class LoopbackPort
{
    /// <summary>
    /// A port that nobody listens on now. Between this answer and the bind of the server another process could take it;
    /// the kernel hands such ports out in a random order, so that this stays a rare start-up error and never a mix-up.
    /// </summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether a server could bind the port on all addresses at this moment.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
