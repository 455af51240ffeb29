using System.Net;
using System.Net.Sockets;
using Solacore.LocalHost;

namespace Solacore.Tests.LocalHost;

public sealed class LoopbackPortTests
{
    [Fact]
    public void no_free_port_is_told_twice_or_could_be_given_to_somebody_who_asks_for_any()
    {
        var ports = Enumerable.Range(0, 50).Select(_ => LoopbackPort.Free()).ToList();

        Assert.Distinct(ports);
        Assert.All(ports, port => Assert.InRange(port, 20_000, 31_999));
    }

    [Fact]
    public void a_port_is_taken_while_somebody_listens_on_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, LoopbackPort.Free());
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.False(LoopbackPort.IsFree(port));
        listener.Stop();
        Assert.True(LoopbackPort.IsFree(port));
    }
}
