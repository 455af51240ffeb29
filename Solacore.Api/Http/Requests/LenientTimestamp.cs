using System.Globalization;
using System.Text.RegularExpressions;

namespace Solacore.Api.Http.Requests;

/// <summary>
/// Incoming instants: ISO 8601 with <c>Z</c>, with an offset or without one (then UTC), a bare date, or a Unix number in
/// seconds or, above 20 000 000 000, in milliseconds. Digits beyond a tick are cut off. None is .NET's first or last, which the database takes for an infinity.
/// </summary>
internal static partial class LenientTimestamp
{
    // Seconds up to this are a date before the year 2604; milliseconds from it on are a date after 1970-08-20.
    private const double LargestSeconds = 2e10;

    // To the microsecond, as the database keeps it.
    private static readonly DateTimeOffset Earliest = DateTimeOffset.MinValue.AddMicroseconds(1);

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd",
    ];

    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        // In a query string the plus of an offset arrives as a space: 2026-11-23T10:00:00 02:00.
        var candidate = text.Length > 6 && text[^6] == ' ' && text.Contains('T', StringComparison.Ordinal)
            ? string.Concat(text.AsSpan(0, text.Length - 6), "+", text.AsSpan(text.Length - 5))
            : text;
        candidate = candidate.EndsWith('z') ? candidate[..^1] + "Z" : candidate;
        if (DateTimeOffset.TryParseExact(BeyondTicks().Replace(candidate, ""), Formats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant))
        {
            return instant >= Earliest && instant < DateTimeOffset.MaxValue;
        }

        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && TryFromUnix(number, out instant);
    }

    public static bool TryFromUnix(double number, out DateTimeOffset instant)
    {
        var seconds = Math.Abs(number) > LargestSeconds ? number / 1000 : number;
        instant = default;
        if (!double.IsFinite(seconds) || Math.Abs(seconds) > LargestSeconds)
        {
            return false;
        }

        instant = DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>Some clocks count nanoseconds.</summary>
    [GeneratedRegex(@"(?<=:[0-9]{2}\.[0-9]{7})[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex BeyondTicks();
}
