using System.Diagnostics;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>How long a process takes from its start to being ready, what that costs, and what it holds at rest.</summary>
internal static class StartBench
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("rounds", 5)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var report = new BenchReport("start", settings.ToDictionary(s => s.Key, s => (object)s.Value));
        await using var servers = await BenchServers.StartAsync();
        foreach (var name in new[] { "api", "worker" })
        {
            var (ready, cpu, memory) = (new List<double>(), new List<double>(), new List<double>());

            // The first start reads the files from the disk, the others from memory.
            for (var round = 0; round <= settings["rounds"]; round++)
            {
                await using var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, apis: 0, workers: 0);
                var since = Stopwatch.GetTimestamp();
                var started = name == "api" ? (await system.StartApiAsync()).Process : await system.StartWorkerAsync();
                var took = Stopwatch.GetElapsedTime(since);
                using var process = Process.GetProcessById(started.Id);
                var spent = process.TotalProcessorTime;
                await Task.Delay(Rest);
                process.Refresh();
                if (round > 0)
                {
                    ready.Add(took.TotalSeconds);
                    cpu.Add(spent.TotalSeconds);
                    memory.Add(process.WorkingSet64 / 1024.0 / 1024);
                }
            }

            report.Add($"{name}: start to ready", ready.Median(), "s");
            report.Add($"{name}: processor time until then", cpu.Median(), "s");
            report.Add($"{name}: memory at rest", memory.Median(), "MB");
        }

        await report.WriteAsync();
        return 0;
    }
}
