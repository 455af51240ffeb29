using System.Globalization;

namespace Solacore.LocalHost;

/// <summary>A server of our own on a port of 127.0.0.1, with a data folder that no other server may use meanwhile.</summary>
public abstract class LoopbackServer : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _dataDirectory;
    private readonly DirectoryLock _directoryLock;
    private ServiceProcess? _process;

    /// <param name="directoryLock">Of <paramref name="dataDirectory"/>; let go when the server is disposed of.</param>
    private protected LoopbackServer(string name, string dataDirectory, int? port, DirectoryLock directoryLock)
    {
        _name = name;
        _dataDirectory = dataDirectory;
        _directoryLock = directoryLock;
        Port = port ?? LoopbackPort.Free();
    }

    /// <summary>Port of 127.0.0.1, the same across restarts.</summary>
    public int Port { get; }

    /// <summary>Process id of the server; of Postgres, that of the postmaster.</summary>
    public int ProcessId => Process.Id;

    /// <summary>Ends with the exit code when the server has ended, wanted or not.</summary>
    public Task<int> Exited => Process.Exited;

    /// <summary>The last lines of its log, oldest first.</summary>
    public IReadOnlyList<string> LastLines => Process.LastLines;

    internal ServiceProcess Process => _process ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Stops the server; what it holds is on disk. Killed when that takes longer than 30 s.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
        }
    }

    /// <summary>SIGKILL for the server and all its children, as the out-of-memory killer would.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>Freezes the server: nobody answers new connections. What Postgres serves already goes on in its children.</summary>
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
        GC.SuppressFinalize(this);
    }

    /// <exception cref="ServiceFailedException">Another server has it.</exception>
    private protected static DirectoryLock Lock(string name, string dataDirectory) =>
        DirectoryLock.TryAcquire(dataDirectory, $"process {Environment.ProcessId}")
        ?? throw new ServiceFailedException($"{name} already runs on {dataDirectory} ({DirectoryLock.ReadNote(dataDirectory)}).");

    private protected abstract Task StartProcessAsync(CancellationToken cancellationToken);

    /// <summary>Starts the process and waits until it answers; ends it when it does not.</summary>
    private protected async Task LaunchAsync(
        ServiceOptions options, Func<CancellationToken, Task<bool>> answers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var process = ServiceProcess.Start(options);
        try
        {
            await process.WaitUntilAsync(answers, timeout, cancellationToken);
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

    /// <summary>The owner of a server may have died a moment ago, and the server is just about to follow.</summary>
    private protected async Task WaitForLeftoverAsync(string pidFile, string argument, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await Leftover.FindAsync(pidFile, argument, cancellationToken) is { } processId)
        {
            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new ServiceFailedException(string.Create(
                    CultureInfo.InvariantCulture, $"{_name} (process {processId}) of an earlier run still uses {_dataDirectory}: stop it first."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
