using System.Globalization;
using System.Text.RegularExpressions;

namespace Solacore.Tests.Telemetry;

/// <summary>One line of the Prometheus text format.</summary>
public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>What <c>/metrics</c> said: families with their samples, without the labels that name the library.</summary>
public sealed partial class Scrape
{
    private Scrape(string text)
    {
        var lines = text.Split('\n');
        Families = [.. lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Samples = [.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(Read)];
    }

    public IReadOnlyList<string> Families { get; }

    public IReadOnlyList<Sample> Samples { get; }

    public static async Task<Scrape> OfAsync(HttpClient client, Uri address) =>
        new(await client.GetStringAsync(new Uri(address, "/metrics")));

    /// <summary>The sum of the samples that carry all of these label values; null without any.</summary>
    public double? Value(string name, params string[] labels)
    {
        var found = Samples.Where(sample => sample.Name == name && labels.All(sample.Labels.Values.Contains)).ToList();
        return found.Count == 0 ? null : found.Sum(sample => sample.Value);
    }

    // name{label="value",…} 12.5 [timestamp]
    private static Sample Read(string line)
    {
        var match = Line().Match(line);
        var labels = Label().Matches(match.Groups["labels"].Value)
            .Where(label => !label.Groups["name"].Value.StartsWith("otel_scope", StringComparison.Ordinal))
            .ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value, StringComparer.Ordinal);
        return new Sample(match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""^(?<name>[A-Za-z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>\S+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("""(?<name>\w+)="(?<value>([^"\\]|\\.)*)",?""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
