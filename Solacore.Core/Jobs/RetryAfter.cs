using System.Globalization;

namespace Solacore.Core.Jobs;

/// <summary>The header by which the other side asks the caller to back off for a while.</summary>
internal static class RetryAfter
{
    /// <summary>Seconds or an HTTP date (RFC 9110, 10.2.3); never negative, null for anything else.</summary>
    public static TimeSpan? Parse(string? header, DateTimeOffset now)
    {
        if (double.TryParse(header, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at > now ? at - now : TimeSpan.Zero)
            : null;
    }
}
