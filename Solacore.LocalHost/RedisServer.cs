using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Solacore.LocalHost;

/// <summary>Where a private Redis runs.</summary>
/// <param name="DataDirectory">Folder that belongs to this server alone; made at the first start.</param>
public sealed record RedisOptions(string DataDirectory)
{
    /// <summary>Port of 127.0.0.1; a free one when null.</summary>
    public int? Port { get; init; }

    /// <summary>Called with every line of its log.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>How long the server may take until it answers.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A Redis server of our own, on a loopback port, with an append-only file that is flushed every second.</summary>
public sealed class RedisServer : LoopbackServer
{
    private const string Name = "Redis";
    private const int OldestMajorVersion = 7;
    private static readonly TimeSpan LeftoverTimeout = TimeSpan.FromSeconds(3);

    private readonly RedisOptions _options;

    private RedisServer(RedisOptions options, DirectoryLock directoryLock)
        : base(Name, options.DataDirectory, options.Port, directoryLock) => _options = options;

    /// <summary>Connection string in the form of StackExchange.Redis.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    private string PidFile => Path.Combine(_options.DataDirectory, "redis.pid");

    /// <summary>Starts the server and waits until it answers a PING.</summary>
    /// <exception cref="ServiceFailedException">No binary, a folder in use, a port taken, a start that took too long.</exception>
    public static async Task<RedisServer> StartAsync(RedisOptions options, CancellationToken cancellationToken = default)
    {
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        Directory.CreateDirectory(options.DataDirectory);
        var directoryLock = Lock(Name, options.DataDirectory);
        try
        {
            await RequireVersionAsync(cancellationToken);
            var server = new RedisServer(options, directoryLock);
            await server.WaitForLeftoverAsync(server.PidFile, options.DataDirectory, LeftoverTimeout, cancellationToken);
            await server.StartProcessAsync(cancellationToken);
            return server;
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Deletes everything, as an operator or an eviction would.</summary>
    public Task FlushAllAsync(CancellationToken cancellationToken = default) => CommandAsync("FLUSHALL", cancellationToken);

    private static async Task RequireVersionAsync(CancellationToken cancellationToken)
    {
        const string advice = "`apt-get install redis-server` on Debian, `brew install redis` on macOS";
        IReadOnlyList<string> lines;
        try
        {
            lines = await ServiceProcess.RunToEndAsync(new("redis-server --version", "redis-server", ["--version"]), cancellationToken);
        }
        catch (ServiceFailedException failure)
        {
            throw new ServiceFailedException($"redis-server was not found on the PATH: {advice}.", failure);
        }

        // Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0
        var version = lines[0].Split("v=")[1].Split(' ')[0];
        if (int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < OldestMajorVersion)
        {
            throw new ServiceFailedException($"redis-server {version} is too old, {OldestMajorVersion} or newer is needed: {advice}.");
        }
    }

    private protected override async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _options.DataDirectory,
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--pidfile", PidFile,
            "--loglevel", "warning",
            // The command line stays as it is, so that a leftover is recognised by its folder.
            "--set-proc-title", "no",
        ];
        await LaunchAsync(
            new ServiceOptions(Name, "redis-server", arguments)
            {
                OnLine = _options.OnLine,
                WorkingDirectory = _options.DataDirectory,
                OrphanSignal = UnixSignal.Terminate,
            },
            async token => await CommandAsync("PING", token) == "+PONG",
            _options.StartTimeout,
            cancellationToken);
    }

    /// <summary>One inline command of the Redis protocol, and the first line of its answer.</summary>
    private async Task<string?> CommandAsync(string command, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(cancellationToken);
    }
}
