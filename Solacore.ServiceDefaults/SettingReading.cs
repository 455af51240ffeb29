using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Solacore.ServiceDefaults;

/// <summary>The few settings that a process needs before it knows any domain.</summary>
internal static class SettingReading
{
    /// <summary>The trimmed value, or null when the setting is absent or blank.</summary>
    public static string? Setting(this IConfiguration configuration, string name) =>
        configuration[name]?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A whole number, or null when the setting is absent or blank.</summary>
    /// <exception cref="InvalidOperationException">The value is not a number within the range.</exception>
    public static int? WholeNumber(this IConfiguration configuration, string name, int min, int max)
    {
        if (configuration.Setting(name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new InvalidOperationException($"{name} must be a whole number from {min} to {max}.");
    }

    /// <summary>A number from 0 to 1, or null when the setting is absent or blank.</summary>
    /// <exception cref="InvalidOperationException">The value is not a number from 0 to 1.</exception>
    public static double? Share(this IConfiguration configuration, string name)
    {
        if (configuration.Setting(name) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share <= 1
            ? share
            : throw new InvalidOperationException($"{name} must be a number from 0 to 1.");
    }
}
