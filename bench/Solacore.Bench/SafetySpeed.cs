using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Solacore.Core.Safety;

namespace Solacore.Bench;

/// <summary>How long each detector reads 4,000 characters, by language: sentences of the labelled sets, one after the other.</summary>
internal static class SafetySpeed
{
    private const int Characters = 4000;
    private const int WarmUps = 3_000;
    private const int Runs = 500;

    private static readonly string[] Languages = ["en", "es", "zh"];

    private static readonly (string Name, Action<string> Read)[] Detectors =
    [
        ("crisis", text => CrisisDetector.Detect(text)),
        ("injection", text => InjectionGuard.LooksLikeInjection(text)),
        ("emotion", text => EmotionDetector.Detect(text)),
        ("cleaning", text => InputCleaning.Clean(text)),
    ];

    public static void Run()
    {
        var rows = ReadSets();
        Console.WriteLine("ms per 4,000 characters    p50     p90     p99");
        foreach (var (name, read) in Detectors)
        {
            foreach (var language in Languages)
            {
                var text = string.Join(' ', rows.Where(row => row.Lang == language).Select(row => row.Text));
                var pieces = text.Chunk(Characters).Where(piece => piece.Length == Characters).Select(piece => new string(piece)).ToList();
                var times = new Percentiles(Measure(read, pieces));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name,-10} {language,-10} {times.Milliseconds(50),9:F2} {times.Milliseconds(90),7:F2} {times.Milliseconds(99),7:F2}"));
            }
        }
    }

    private static List<TimeSpan> Measure(Action<string> read, List<string> pieces)
    {
        for (var i = 0; i < WarmUps; i++)
        {
            read(pieces[i % pieces.Count]);
        }

        var times = new List<TimeSpan>(Runs);
        for (var i = 0; i < Runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            read(pieces[i % pieces.Count]);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return times;
    }

    private static List<Row> ReadSets()
    {
        var home = typeof(SafetySpeed).Assembly;
        var rows = new List<Row>();
        foreach (var name in home.GetManifestResourceNames().Where(name => name.StartsWith("Sets.", StringComparison.Ordinal)))
        {
            using var lines = new StreamReader(home.GetManifestResourceStream(name)!);
            while (lines.ReadLine() is { Length: > 0 } line)
            {
                rows.Add(JsonSerializer.Deserialize<Row>(line, JsonSerializerOptions.Web)!);
            }
        }

        return rows;
    }

    private sealed record Row(string Lang, string Text);
}
