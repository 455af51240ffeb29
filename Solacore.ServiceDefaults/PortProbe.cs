using System.Net;
using System.Net.Sockets;

namespace Solacore.ServiceDefaults;

/// <summary>Whether a port can be listened on. LocalHost compiles this very file, so that it and the services judge alike.</summary>
internal static class PortProbe
{
    /// <summary>What stands against a server on the port of an address at this moment; null when nothing does.</summary>
    public static SocketException? WhyNot(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }
}
