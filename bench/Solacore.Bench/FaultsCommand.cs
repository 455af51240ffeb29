using System.Globalization;
using Solacore.Tests.Faults;

namespace Solacore.Bench;

/// <summary>As many fault runs as one wants, each decided by its seed; a failing seed can be run again.</summary>
internal static class FaultsCommand
{
    /// <param name="options"><c>--runs N</c>, <c>--seed S</c> (of the first run), <c>--seconds L</c> (of load in each), <c>--disk 1</c> (fills the disk of Postgres, too; root), <c>--clocks 1</c> (sets clocks, too; a C compiler).</param>
    /// <returns>1 when a promise was broken, 2 when the options are not understood.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("runs", 20), ("seed", Random.Shared.Next(1_000_000)), ("seconds", 3), ("disk", 0), ("clocks", 0)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var (runs, first, load) = (settings["runs"], settings["seed"], TimeSpan.FromSeconds(settings["seconds"]));
        var broken = 0;
        await using var system = await FaultSystem.StartAsync(withDisk: settings["disk"] == 1, withClocks: settings["clocks"] == 1);
        for (var seed = first; seed < first + runs; seed++)
        {
            var report = await FaultRun.RunAsync(system, seed, load);
            Console.WriteLine(report);
            broken += report.Broken.Count > 0 ? 1 : 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs - broken} of {runs} runs kept every promise"));
        return broken > 0 ? 1 : 0;
    }
}
