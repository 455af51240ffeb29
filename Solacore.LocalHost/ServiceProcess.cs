using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Solacore.LocalHost;

/// <summary>What to start.</summary>
/// <param name="Name">Display name of the process, used in messages.</param>
/// <param name="FileName">Path of the executable, or a name to be found on the PATH.</param>
/// <param name="Arguments">Arguments, passed on without a shell in between.</param>
public sealed record ServiceOptions(string Name, string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables set on top of this process' own; a null removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Folder to run in; this process' own when null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Called with every line of standard output and standard error, from threads of the pool.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>The signal that asks the process to stop.</summary>
    public UnixSignal StopSignal { get; init; } = UnixSignal.Terminate;

    /// <summary>How long a stop may take before the process is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The signal that the kernel sends when this process dies without having stopped the other (Linux only).</summary>
    public UnixSignal OrphanSignal { get; init; } = UnixSignal.Kill;

    /// <summary>The account to run as; null for this process' own.</summary>
    internal UnixAccount? Account { get; init; }

    /// <summary>A .NET assembly, run by the runtime that runs this process.</summary>
    public static ServiceOptions ForAssembly(string name, string path, params IReadOnlyList<string> arguments) =>
        new(name, Path.GetFullPath("../../../dotnet", RuntimeEnvironment.GetRuntimeDirectory()), [path, .. arguments]);
}

/// <summary>
/// A process that this one owns: its output is captured, it gets no Ctrl-C from the terminal (its owner decides the order
/// of stopping) and on Linux it dies when its owner dies, however that happens.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const int LinesKept = 200;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LastLinesTimeout = TimeSpan.FromSeconds(1);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly ServiceOptions _options;
    private readonly Process _process;
    private readonly RecentLines _recentLines = new(LinesKept);

    private ServiceProcess(ServiceOptions options)
    {
        _options = options;
        _process = new Process { StartInfo = StartInfo(options), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Received(line.Data);
        _process.ErrorDataReceived += (_, line) => Received(line.Data);

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => ended.SetResult();
        LauncherThread.Run(() => _process.Start());
        Id = _process.Id;
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Exited = ExitCodeAsync(ended.Task);
    }

    /// <summary>Display name of the process, used in messages.</summary>
    public string Name => _options.Name;

    /// <summary>Its process id, valid while it runs.</summary>
    public int Id { get; }

    /// <summary>Ends when the process has ended and its last lines were read; the exit code, 128 + n after signal n.</summary>
    public Task<int> Exited { get; }

    /// <summary>The last lines of output, oldest first.</summary>
    public IReadOnlyList<string> LastLines => _recentLines.ToList();

    /// <summary>Starts a process. That it runs says nothing about its health.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The executable cannot be started.</exception>
    public static ServiceProcess Start(ServiceOptions options) => new(options);

    /// <summary>Starts a process that is expected to end by itself, and waits for that; it is killed when the wait is cancelled.</summary>
    /// <exception cref="ServiceFailedException">It ended with an exit code other than 0.</exception>
    public static async Task<IReadOnlyList<string>> RunToEndAsync(ServiceOptions options, CancellationToken cancellationToken = default)
    {
        await using var process = Start(options with { StopSignal = UnixSignal.Kill });
        var exitCode = await process.Exited.WaitAsync(cancellationToken);
        return exitCode == 0 ? process.LastLines : throw process.Failure($"{process.Name} ended with exit code {Text(exitCode)}");
    }

    /// <summary>Waits until <paramref name="address"/> answers 200.</summary>
    /// <exception cref="ServiceFailedException">The process ended first, or the time was up.</exception>
    public Task WaitUntilHealthyAsync(Uri address, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        WaitUntilAsync(
            async token =>
            {
                using var response = await Http.GetAsync(address, token);
                return response.StatusCode == HttpStatusCode.OK;
            },
            timeout,
            cancellationToken);

    /// <summary>
    /// Asks the process to stop and waits for its end; kills it when <see cref="ServiceOptions.StopTimeout"/> is over or
    /// <paramref name="kill"/> is cancelled.
    /// </summary>
    /// <returns>Whether it stopped by itself.</returns>
    public async Task<bool> StopAsync(CancellationToken kill = default)
    {
        if (!Exited.IsCompleted)
        {
            Send(_options.StopSignal);
        }

        try
        {
            await Exited.WaitAsync(_options.StopTimeout, TimeProvider.System, kill);
            return true;
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>SIGKILL for the process and everything it started, and the wait for its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Exited;
    }

    /// <summary>Freezes the process (SIGSTOP): its sockets stay open and nobody answers on them.</summary>
    public void Pause() => Send(UnixSignal.Stop);

    /// <summary>Lets a frozen process go on.</summary>
    public void Resume() => Send(UnixSignal.Continue);

    /// <summary>Sends a signal to the process.</summary>
    public void Send(UnixSignal signal) => UnixSignals.Send(Id, signal);

    /// <summary>Stops the process as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    /// <summary>Asks again and again until the answer is yes; a refused connection is a no.</summary>
    internal async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        Exception? lastError = null;
        while (true)
        {
            if (Exited.IsCompleted)
            {
                throw Failure($"{Name} ended with exit code {Text(await Exited)} before it was ready", lastError);
            }

            try
            {
                if (await ready(either.Token))
                {
                    return;
                }

                await Task.Delay(PollInterval, TimeProvider.System, either.Token);
            }
            catch (OperationCanceledException) when (bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw Failure($"{Name} was not ready within {Text(timeout.TotalSeconds)} s", lastError);
            }
            catch (Exception refused) when (refused is HttpRequestException or IOException or System.Net.Sockets.SocketException
                or System.Data.Common.DbException or TaskCanceledException && !either.IsCancellationRequested)
            {
                lastError = refused;
                await Task.WhenAny(Task.Delay(PollInterval, TimeProvider.System, CancellationToken.None), Exited);
            }
        }
    }

    /// <summary>An exception whose message ends with the last lines of the process.</summary>
    internal ServiceFailedException Failure(string what, Exception? innerException = null)
    {
        var lines = LastLines;
        return new(lines.Count == 0 ? $"{what}; it wrote nothing." : $"{what}. Its last lines:\n{string.Join('\n', lines.TakeLast(20))}", innerException);
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static ProcessStartInfo StartInfo(ServiceOptions options)
    {
        var command = OwnedCommand(options).ToList();
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory ?? "",
        };

        foreach (var (name, value) in options.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        return start;
    }

    /// <summary>
    /// The command behind the small programs that detach it from the terminal, bind its life to ours and change its account.
    /// Each of them replaces itself with the next, so that the process id stays that of the service.
    /// </summary>
    private static IEnumerable<string> OwnedCommand(ServiceOptions options)
    {
        IEnumerable<string> command = [options.FileName, .. options.Arguments];
        if (!OperatingSystem.IsLinux())
        {
            return ["perl", "-e", "setpgrp(0, 0); exec { $ARGV[0] } @ARGV", .. command];
        }

        var account = options.Account;
        IEnumerable<string> stepDown = account is null
            ? []
            : [$"--reuid={Text(account.UserId)}", $"--regid={Text(account.GroupId)}", "--clear-groups"];
        return ["setsid", "setpriv", "--pdeathsig", UnixSignals.Name(options.OrphanSignal), .. stepDown, "--", .. command];
    }

    private void Received(string? line)
    {
        if (line is null)
        {
            return;
        }

        _recentLines.Add(line);
        _options.OnLine?.Invoke(line);
    }

    private async Task<int> ExitCodeAsync(Task ended)
    {
        await ended;
        // Lines written just before the end are still on their way; a process that outlives its parent may hold the pipe open, hence the bound.
        await Task.WhenAny(_process.WaitForExitAsync(CancellationToken.None), Task.Delay(LastLinesTimeout, TimeProvider.System));
        return _process.ExitCode;
    }
}
