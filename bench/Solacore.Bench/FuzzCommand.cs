using System.Globalization;
using Solacore.Tests.Api.Fuzz;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>A hundred thousand bad requests to a running api, with its memory before and after.</summary>
internal static class FuzzCommand
{
    private const int Seed = 20261128;
    private const int Concurrency = 16;
    private const int Samples = 10;
    private const int MostFailures = 20;
    private const int LinesOfOne = 8;

    /// <returns>1 when any request crashed or hung.</returns>
    public static async Task<int> RunAsync(int requests)
    {
        await using var servers = await BenchServers.StartAsync();
        await using var system = await RunningSystem.StartAsync(servers.Database, servers.Redis.ConnectionString, workers: 0);
        using var fuzzer = new ApiFuzzer(system.Apis[0].Address, Seed);
        var process = system.Apis[0].Process.Id;
        var step = requests / Samples;
        Console.WriteLine($"{requests} requests, seed {Seed}, {Concurrency} at a time");
        Console.WriteLine("    sent   memory MB");
        Report(0, process);
        var report = await fuzzer.RunAsync(requests, Concurrency, sent =>
        {
            if (sent % step == 0)
            {
                Report(sent, process);
            }
        });

        Console.WriteLine();
        Console.WriteLine("status   answers");
        foreach (var (status, count) in report.Statuses)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(status == 0 ? "closed" : status),6} {count,9}"));
        }

        Console.WriteLine();
        Console.WriteLine(Percentiles.Header);
        Console.WriteLine(new Percentiles(report.Latencies));
        Console.WriteLine();
        Console.WriteLine($"5xx or no answer: {report.Failures.Count}");
        foreach (var failure in report.Failures)
        {
            Console.WriteLine("  " + failure);
        }

        // A failure with the exception below it.
        string[] log = [.. system.Log];
        foreach (var at in Enumerable.Range(0, log.Length).Where(at => log[at].Contains("FAIL", StringComparison.Ordinal)).Take(MostFailures))
        {
            Console.WriteLine("  " + string.Join("\n    ", log.Skip(at).Take(LinesOfOne)));
        }

        return report.Failures.Count == 0 ? 0 : 1;
    }

    private static void Report(int sent, int process) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent,8} {ResidentMegabytes(process),11}"));

    private static long ResidentMegabytes(int process)
    {
        using var running = System.Diagnostics.Process.GetProcessById(process);
        return running.WorkingSet64 / (1024 * 1024);
    }
}
