using System.Globalization;

namespace Solacore.Bench;

/// <summary>The distribution of some durations.</summary>
internal sealed class Percentiles(IEnumerable<TimeSpan> values)
{
    private readonly TimeSpan[] _sorted = [.. values.Order()];

    public double Milliseconds(double percentile) =>
        _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * percentile / 100))].TotalMilliseconds;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_sorted.Length,6} {Milliseconds(50),9:F1} {Milliseconds(90),9:F1} {Milliseconds(99),9:F1}");

    public const string Header = "     n    p50 ms    p90 ms    p99 ms";
}
