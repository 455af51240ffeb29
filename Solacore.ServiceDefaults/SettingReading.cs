using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Solacore.ServiceDefaults;

/// <summary>The few settings that a process needs before it knows any domain.</summary>
internal static class SettingReading
{
    /// <summary>The trimmed value, or null when the setting is absent or blank.</summary>
    public static string? Setting(this IConfiguration configuration, string name) =>
        configuration[name]?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A whole number, or null when the setting is absent, blank or reported.</summary>
    /// <param name="report">Takes the name and what is wrong with it.</param>
    public static int? WholeNumber(this IConfiguration configuration, string name, int min, int max, Action<string, string> report)
    {
        if (configuration.Setting(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        report(name, $"must be a whole number from {min} to {max}");
        return null;
    }

    /// <summary>A number from 0 to 1, or null when the setting is absent, blank or reported.</summary>
    /// <param name="report">Takes the name and what is wrong with it.</param>
    public static double? Share(this IConfiguration configuration, string name, Action<string, string> report)
    {
        if (configuration.Setting(name) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share <= 1)
        {
            return share;
        }

        report(name, "must be a number from 0 to 1");
        return null;
    }

    /// <summary>An absolute http(s) address, or null when the setting is absent, blank or reported.</summary>
    /// <param name="report">Takes the name and what is wrong with it.</param>
    public static Uri? Address(this IConfiguration configuration, string name, Action<string, string> report)
    {
        if (configuration.Setting(name) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        report(name, "must be an absolute http or https address");
        return null;
    }

    /// <summary>For a process that collects no problems: the first one ends it.</summary>
    /// <exception cref="InvalidOperationException">Always; the message names the setting.</exception>
    public static void Throw(string name, string problem) => throw new InvalidOperationException($"{name} {problem}.");
}
