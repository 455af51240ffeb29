using System.Diagnostics.Metrics;

namespace Solacore.Core.Telemetry;

/// <summary>
/// Histograms of seconds. Without advice the SDK would use its buckets for milliseconds, and every duration of ours would
/// fall into the first two.
/// </summary>
public static class Durations
{
    private static readonly InstrumentAdvice<double> Moments = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private static readonly InstrumentAdvice<double> Waits = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400],
    };

    /// <summary>For what somebody waits for: from milliseconds to a minute.</summary>
    public static Histogram<double> CreateMoments(this Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, Moments);

    /// <summary>For what may lie in a queue: from milliseconds to a day.</summary>
    public static Histogram<double> CreateWaits(this Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, Waits);
}
