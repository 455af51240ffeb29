using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Solacore.Core.Settings;

/// <summary>
/// Reads the flat environment names of the service (<c>JWT_SECRET</c>, <c>DEBUG</c> …) and collects every problem
/// instead of stopping at the first, so that an operator repairs a settings file in one go.
/// Names are case-insensitive; unknown names are ignored; an empty value means "not given".
/// </summary>
public sealed class SettingsReader
{
    private readonly IConfiguration _configuration;
    private readonly List<SettingsProblem> _problems = [];

    public SettingsReader(IConfiguration configuration)
    {
        _configuration = configuration;
        Debug = Bool(SettingNames.Debug, false);
    }

    /// <summary>True in development: no production checks, cookies without <c>Secure</c>.</summary>
    public bool Debug { get; }

    /// <summary>Everything wrong so far, in the order of reading.</summary>
    public IReadOnlyList<SettingsProblem> Problems => _problems;

    /// <summary>The trimmed text of a setting, or the default when it is absent or empty.</summary>
    public string Text(string name, string defaultValue = "") =>
        _configuration[name]?.Trim() is { Length: > 0 } value ? value : defaultValue;

    /// <summary>A text that is sent in a header of HTTP requests, such as a key.</summary>
    public string HeaderText(string name)
    {
        var value = Text(name);
        if (!value.All(c => c is >= ' ' and <= '~'))
        {
            Fail(name, "holds a character that HTTP headers cannot carry: use printable ASCII");
        }

        return value;
    }

    /// <summary>True when the setting is there, be it empty.</summary>
    public bool IsGiven(string name) => _configuration[name] is not null;

    /// <summary>A text that production cannot do without; absent there, it is a problem.</summary>
    public string RequiredInProduction(string name, string why)
    {
        var value = Text(name);
        if (value.Length == 0)
        {
            FailInProduction(name, $"is not set: {why}");
        }

        return value;
    }

    /// <summary>true/false, 1/0, yes/no, on/off in any case.</summary>
    public bool Bool(string name, bool defaultValue)
    {
        var value = Text(name);
        switch (value.ToLowerInvariant())
        {
            case "":
                return defaultValue;
            case "true" or "1" or "yes" or "on":
                return true;
            case "false" or "0" or "no" or "off":
                return false;
            default:
                Fail(name, "is no boolean: use true or false");
                return defaultValue;
        }
    }

    /// <summary>A whole number within bounds, both included.</summary>
    public int Int(string name, int defaultValue, int min = 0, int max = int.MaxValue)
    {
        var value = Text(name);
        if (value.Length == 0)
        {
            return defaultValue;
        }

        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
        {
            return number;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"is no whole number from {min} to {max}"));
        return defaultValue;
    }

    /// <summary>A decimal number within bounds, both included, with a point as separator.</summary>
    public decimal Number(string name, decimal defaultValue, decimal min = 0, decimal max = decimal.MaxValue)
    {
        var value = Text(name);
        if (value.Length == 0)
        {
            return defaultValue;
        }

        if (decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
        {
            return number;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"is no number from {min} to {max}"));
        return defaultValue;
    }

    /// <summary>A duration given in seconds, fractions allowed.</summary>
    public TimeSpan Seconds(string name, double defaultSeconds, double min = 0, double max = 86_400) =>
        TimeSpan.FromSeconds((double)Number(name, (decimal)defaultSeconds, (decimal)min, (decimal)max));

    /// <summary>A comma-separated list; entries are trimmed, empty ones dropped.</summary>
    public IReadOnlyList<string> List(string name) =>
        Text(name).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>An absolute http(s) address without a trailing slash; the default when it is none.</summary>
    public string Url(string name, string defaultValue = "")
    {
        var value = Text(name, defaultValue);
        if (value.Length > 0 && !IsUrl(value))
        {
            Fail(name, "is no absolute http or https address");
            value = defaultValue;
        }

        return value.TrimEnd('/');
    }

    /// <summary>A comma-separated list of absolute http(s) addresses; what is none is left out.</summary>
    public IReadOnlyList<string> Urls(string name)
    {
        var values = List(name);
        if (!values.All(IsUrl))
        {
            Fail(name, "holds an entry that is no absolute http or https address");
        }

        return [.. values.Where(IsUrl)];
    }

    /// <summary>One of a closed set of words.</summary>
    public string OneOf(string name, string defaultValue, params ReadOnlySpan<string> allowed)
    {
        var value = Text(name, defaultValue);
        foreach (var candidate in allowed)
        {
            if (string.Equals(candidate, value, StringComparison.OrdinalIgnoreCase))
            {
                return candidate;
            }
        }

        Fail(name, $"is none of: {string.Join(", ", allowed!)}");
        return defaultValue;
    }

    /// <summary>The connection string of that name (<c>ConnectionStrings:NAME</c>), or null.</summary>
    public string? ConnectionString(string name) =>
        _configuration.GetConnectionString(name) is { Length: > 0 } value ? value : null;

    /// <summary>
    /// Records a problem in every mode. One per setting: several readers ask for some of them, and what comes later
    /// mostly follows from the default that stands in for the wrong value.
    /// </summary>
    public void Fail(string name, string problem)
    {
        if (!_problems.Exists(known => known.Name == name))
        {
            _problems.Add(new SettingsProblem(name, problem));
        }
    }

    /// <summary>Records a problem unless the process runs in debug mode.</summary>
    public void FailInProduction(string name, string problem)
    {
        if (!Debug)
        {
            Fail(name, problem);
        }
    }

    private static bool IsUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    /// <summary>Writes every problem, one per line; false when there is any.</summary>
    public bool AreUsable(TextWriter output)
    {
        if (_problems.Count == 0)
        {
            return true;
        }

        output.WriteLine("The settings are not usable:");
        foreach (var problem in _problems)
        {
            output.WriteLine($"  - {problem}");
        }

        return false;
    }
}

/// <param name="Name">The environment variable.</param>
/// <param name="Problem">What is wrong and what to do, without the value itself.</param>
public sealed record SettingsProblem(string Name, string Problem)
{
    public override string ToString() => $"{Name} {Problem}";
}
