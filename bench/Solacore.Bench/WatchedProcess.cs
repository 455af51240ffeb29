using System.Diagnostics;

namespace Solacore.Bench;

/// <summary>What a process takes of the machine.</summary>
internal sealed class WatchedProcess(int processId) : IDisposable
{
    private readonly Process _process = Process.GetProcessById(processId);

    /// <summary>Resident bytes.</summary>
    public long Memory()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>Cores used for a while from now.</summary>
    public async Task<double> CpuAsync(TimeSpan length)
    {
        _process.Refresh();
        var (cpu, since) = (_process.TotalProcessorTime, Stopwatch.GetTimestamp());
        await Task.Delay(length);
        _process.Refresh();
        return (_process.TotalProcessorTime - cpu) / Stopwatch.GetElapsedTime(since);
    }

    public void Dispose() => _process.Dispose();
}
