using System.Net;
using System.Net.Sockets;
using Solacore.ServiceDefaults;

namespace Solacore.LocalHost;

/// <summary>Ports of 127.0.0.1.</summary>
public static class LoopbackPort
{
    /// <summary>
    /// The range that <see cref="Free"/> answers from. It lies under the ports that Linux (32768 and up), macOS and Windows
    /// (49152 and up) give to outgoing connections and to servers that ask for any port: between the answer and the bind of
    /// the server nobody takes one by chance.
    /// </summary>
    private const int First = 20_000, Count = 12_000;

    private static int LastOffset = Random.Shared.Next(Count);

    /// <summary>A port of 20000 to 31999 that nobody listens on now, and that this process has not been told lately.</summary>
    /// <exception cref="InvalidOperationException">All of them are taken.</exception>
    public static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref LastOffset) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException(FormattableString.Invariant($"no port from {First} to {First + Count - 1} is free"));
    }

    /// <summary>Whether a server could bind the port on all addresses, and on 127.0.0.1 alone, at this moment.</summary>
    public static bool IsFree(int port) => WhyNot(port) is null;

    /// <summary>What stands against that; null when nothing does.</summary>
    internal static SocketException? WhyNot(int port) => PortProbe.WhyNot(IPAddress.Any, port) ?? PortProbe.WhyNot(IPAddress.Loopback, port);
}
