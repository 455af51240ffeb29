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
public sealed class RedisServer : IAsyncDisposable
{
    private const int OldestMajorVersion = 7;
    private static readonly TimeSpan LeftoverTimeout = TimeSpan.FromSeconds(3);

    private readonly RedisOptions _options;
    private readonly DirectoryLock _directoryLock;
    private ServiceProcess? _process;

    private RedisServer(RedisOptions options, DirectoryLock directoryLock)
    {
        _options = options;
        _directoryLock = directoryLock;
        Port = options.Port ?? LoopbackPort.Free();
    }

    /// <summary>Port of 127.0.0.1, the same across restarts.</summary>
    public int Port { get; }

    /// <summary>Connection string in the form of StackExchange.Redis.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Process id of the server.</summary>
    public int ProcessId => Process.Id;

    /// <summary>Ends with the exit code when the server has ended, wanted or not.</summary>
    public Task<int> Exited => Process.Exited;

    /// <summary>The last lines of its log, oldest first.</summary>
    public IReadOnlyList<string> LastLines => Process.LastLines;

    internal ServiceProcess Process => _process ?? throw new InvalidOperationException("The server has not been started.");

    private string PidFile => Path.Combine(_options.DataDirectory, "redis.pid");

    /// <summary>Starts the server and waits until it answers a PING.</summary>
    /// <exception cref="ServiceFailedException">No binary, a folder in use, a port taken, a start that took too long.</exception>
    public static async Task<RedisServer> StartAsync(RedisOptions options, CancellationToken cancellationToken = default)
    {
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        Directory.CreateDirectory(options.DataDirectory);
        var directoryLock = DirectoryLock.TryAcquire(options.DataDirectory, $"process {Environment.ProcessId}")
            ?? throw new ServiceFailedException(
                $"Redis already runs on {options.DataDirectory} ({DirectoryLock.ReadNote(options.DataDirectory)}).");
        try
        {
            await RequireVersionAsync(cancellationToken);
            var server = new RedisServer(options, directoryLock);
            await server.WaitForLeftoverAsync(cancellationToken);
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

    /// <summary>Stops the server; what it holds is on disk. Killed when that takes longer than 30 s.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
        }
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>Freezes the server: connections stay open and nobody answers.</summary>
    public void Pause() => Process.Pause();

    /// <summary>Ends what <see cref="Pause"/> began.</summary>
    public void Resume() => Process.Resume();

    /// <summary>Stops the server if it runs, and starts it again on the same port.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        await StartProcessAsync(cancellationToken);
    }

    /// <summary>Stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directoryLock.Dispose();
    }

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

    private async Task WaitForLeftoverAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await Leftover.FindAsync(PidFile, _options.DataDirectory, cancellationToken) is { } processId)
        {
            if (TimeProvider.System.GetElapsedTime(started) > LeftoverTimeout)
            {
                throw new ServiceFailedException(string.Create(
                    CultureInfo.InvariantCulture, $"Redis (process {processId}) of an earlier run still uses {_options.DataDirectory}: stop it first."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _options.DataDirectory,
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--pidfile", PidFile,
            "--loglevel", "warning",
            // The command line stays as it is, so that a leftover is recognised by its folder.
            "--set-proc-title", "no",
        ];
        var process = ServiceProcess.Start(new("Redis", "redis-server", arguments)
        {
            OnLine = _options.OnLine,
            WorkingDirectory = _options.DataDirectory,
            OrphanSignal = UnixSignal.Terminate,
        });
        try
        {
            await process.WaitUntilAsync(
                async token => await CommandAsync("PING", token) == "+PONG",
                _options.StartTimeout,
                cancellationToken);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = process;
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
