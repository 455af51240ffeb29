namespace Solacore.Core.Telemetry;

/// <summary>Metrics of which an alert counts every occasion, the first one too.</summary>
public interface IZeroInitializedMetrics
{
    /// <summary>
    /// Makes the series exist at zero, when the process starts: an alert compares two samples, and a counter that appeared with
    /// its first occasion would have only one.
    /// </summary>
    void Begin();
}
