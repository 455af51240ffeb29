using System.Globalization;
using Solacore.LocalHost;

namespace Solacore.Bench;

/// <summary>An endpoint of the load program in a process of its own, as the services have theirs.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ServiceProcess _process;

    private BenchProcess(ServiceProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <param name="command">The command of the load program that takes a port and answers <c>/health/ready</c> there.</param>
    /// <param name="environment">Variables set on top of this process' own.</param>
    public static async Task<BenchProcess> StartAsync(string command, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var port = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture);
        var process = ServiceProcess.Start(ServiceOptions.ForAssembly(command, typeof(BenchProcess).Assembly.Location, command, port) with
        {
            Environment = environment ?? new Dictionary<string, string?>(),
        });
        var started = new BenchProcess(process, new Uri($"http://127.0.0.1:{port}"));
        await process.WaitUntilHealthyAsync(new Uri(started.Address, "/health/ready"), StartTimeout);
        return started;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
