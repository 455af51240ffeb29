using System.Globalization;
using Solacore.Tests.Faults;

namespace Solacore.Bench;

/// <summary>As many fault runs as one wants, each decided by its seed; a failing seed can be run again.</summary>
internal static class FaultsCommand
{
    private const int DefaultRuns = 20;
    private const int DefaultSeconds = 3;

    /// <param name="options"><c>--runs N</c>, <c>--seed S</c> (of the first run), <c>--seconds L</c> (of load in each).</param>
    /// <returns>1 when a promise was broken, 2 when the options are not understood.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        if (Read(options) is not { } wanted)
        {
            await Console.Error.WriteLineAsync("Options: --runs N, --seed S, --seconds L; whole numbers.");
            return 2;
        }

        var (runs, first, load) = wanted;
        var broken = 0;
        await using var system = await FaultSystem.StartAsync();
        for (var seed = first; seed < first + runs; seed++)
        {
            var report = await FaultRun.RunAsync(system, seed, load);
            Console.WriteLine(report);
            broken += report.Broken.Count > 0 ? 1 : 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs - broken} of {runs} runs kept every promise"));
        return broken > 0 ? 1 : 0;
    }

    private static (int Runs, int First, TimeSpan Load)? Read(string[] options)
    {
        var (runs, first, seconds) = (DefaultRuns, Random.Shared.Next(1_000_000), DefaultSeconds);
        foreach (var pair in options.Chunk(2))
        {
            if (pair is not [var name, var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            switch (name)
            {
                case "--runs":
                    runs = number;
                    break;
                case "--seed":
                    first = number;
                    break;
                case "--seconds":
                    seconds = number;
                    break;
                default:
                    return null;
            }
        }

        return (runs, first, TimeSpan.FromSeconds(seconds));
    }
}
