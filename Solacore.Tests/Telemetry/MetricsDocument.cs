using System.Text.RegularExpressions;
using Solacore.LocalHost;

namespace Solacore.Tests.Telemetry;

/// <summary>A row of docs/metrics.md.</summary>
/// <param name="Name">As Prometheus sees it; a star at the end stands for a family of names.</param>
/// <param name="From">Who emits it: api, worker, or an exporter.</param>
/// <param name="IsRare">Appears with its first occasion.</param>
internal sealed record MetricRow(string Name, string From, bool IsRare)
{
    public bool IsOurs => From.Contains("api", StringComparison.Ordinal) || From.Contains("worker", StringComparison.Ordinal);

    public bool Describes(string metric) =>
        Name == metric || (Name.EndsWith('*') && metric.StartsWith(Name[..^1], StringComparison.Ordinal));
}

internal static partial class MetricsDocument
{
    public static IReadOnlyList<MetricRow> Read() =>
    [
        .. File.ReadLines(Path.Combine(BuildOutput.RepositoryRoot, "docs", "metrics.md"))
            .Select(line => Row().Match(line))
            .Where(match => match.Success)
            .Select(match => new MetricRow(match.Groups["name"].Value, match.Groups["from"].Value, match.Groups["rare"].Success)),
    ];

    // | `name` † | from | …
    [GeneratedRegex(@"^\| `(?<name>[\w*]+)`(?<rare> †)? \| (?<from>[^|]+) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}

/// <summary>The instruments that the code makes, under the names that the exporter gives them.</summary>
internal static partial class Instruments
{
    public static IReadOnlyList<string> OfOurs() =>
    [
        .. new[] { "Solacore.Api", "Solacore.Worker", "Solacore.Core", "Solacore.ServiceDefaults" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(BuildOutput.RepositoryRoot, project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => Made().Matches(File.ReadAllText(file)))
            .Select(made => PrometheusName(made.Groups["kind"].Value, made.Groups["name"].Value, made.Groups["rest"].Value)),
    ];

    private static string PrometheusName(string kind, string name, string rest)
    {
        var isDuration = kind is "Moments" or "Waits" || rest.Contains("\"s\"", StringComparison.Ordinal);
        return name.Replace('.', '_') + (isDuration ? "_seconds" : "") + (kind is "Counter" or "ObservableCounter" ? "_total" : "");
    }

    [GeneratedRegex("""\.Create(?<kind>Counter|ObservableCounter|Histogram|ObservableGauge|UpDownCounter|Moments|Waits)(<\w+>)?\(\s*"(?<name>[\w.]+)"(?<rest>[^;]*);""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Made();
}
