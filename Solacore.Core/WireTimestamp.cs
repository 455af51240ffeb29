using System.Globalization;

namespace Solacore.Core;

/// <summary>The one form in which an instant leaves the service.</summary>
public static class WireTimestamp
{
    /// <summary>ISO 8601 in UTC with a trailing Z; six fraction digits, or none when they are all zero.</summary>
    public static string ToWire(this DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(
            instant.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.ffffffZ",
            CultureInfo.InvariantCulture);
}
