using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Solacore.LocalHost;

/// <summary>The signals that a local process understands; .NET itself can only send SIGKILL.</summary>
public enum UnixSignal
{
    /// <summary>SIGINT: Postgres' "fast shutdown", which ends the sessions and writes a checkpoint.</summary>
    Interrupt,

    /// <summary>SIGQUIT: Postgres' "immediate shutdown", repaired from the log at the next start.</summary>
    Quit,

    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGTERM: the polite stop of Redis and of .NET hosts.</summary>
    Terminate,

    /// <summary>SIGSTOP: freezes a process until <see cref="Continue"/>.</summary>
    Stop,

    /// <summary>SIGCONT.</summary>
    Continue,
}

internal static partial class UnixSignals
{
    private const int NoSuchProcess = 3;

    /// <summary>The number by which this kernel knows a signal; Linux and macOS number SIGSTOP and SIGCONT differently.</summary>
    private static int Number(UnixSignal signal) => signal switch
    {
        UnixSignal.Interrupt => 2,
        UnixSignal.Quit => 3,
        UnixSignal.Kill => 9,
        UnixSignal.Terminate => 15,
        UnixSignal.Stop => OperatingSystem.IsMacOS() ? 17 : 19,
        UnixSignal.Continue => OperatingSystem.IsMacOS() ? 19 : 18,
    };

    /// <summary>The name by which <c>setpriv</c> knows a signal; it does not take numbers.</summary>
    public static string Name(UnixSignal signal) => signal switch
    {
        UnixSignal.Interrupt => "INT",
        UnixSignal.Quit => "QUIT",
        UnixSignal.Kill => "KILL",
        UnixSignal.Terminate => "TERM",
        UnixSignal.Stop => "STOP",
        UnixSignal.Continue => "CONT",
    };

    /// <summary>Sends a signal; a process that is already gone is not an error.</summary>
    public static void Send(int processId, UnixSignal signal)
    {
        if (Kill(processId, Number(signal)) == 0)
        {
            return;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error != NoSuchProcess)
        {
            throw new Win32Exception(error);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
