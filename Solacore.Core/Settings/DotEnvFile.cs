using Microsoft.Extensions.Configuration;

namespace Solacore.Core.Settings;

/// <summary>
/// The <c>.env</c> file of the working directory, in lines of <see cref="EnvironmentLine"/>. The environment wins over it; names
/// that nobody reads are ignored.
/// </summary>
public static class DotEnvFile
{
    public static void AddDotEnv(this IConfigurationBuilder builder, string path)
    {
        if (File.Exists(path))
        {
            // In front of everything else, so that each later source (environment, command line) overrides it.
            builder.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = Read(File.ReadLines(path)),
            });
        }
    }

    /// <summary>The settings of a file; of a name that is given twice the last line counts.</summary>
    internal static IReadOnlyDictionary<string, string?> Read(IEnumerable<string> lines)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Parse(lines))
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>Lines that say nothing though they seem to, and names that are given twice: the last one wins.</summary>
    public static IEnumerable<SettingsProblem> FindProblems(IReadOnlyList<string> lines)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var number = 1; number <= lines.Count; number++)
        {
            var text = lines[number - 1].Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            // Parsed alone, so that one set of rules decides what an assignment is.
            if (Parse([text]) is not [var (name, _)] || name.Any(char.IsWhiteSpace))
            {
                yield return new SettingsProblem($"Line {number}", "is no NAME=value");
            }
            else if (!seen.TryAdd(name, number))
            {
                yield return new SettingsProblem(name, $"is set twice, in lines {seen[name]} and {number}: keep one");
            }
        }
    }

    public static IReadOnlyList<KeyValuePair<string, string?>> Parse(IEnumerable<string> lines) =>
    [
        .. lines.Select(EnvironmentLine.Read).OfType<(string Name, string Value)>().Select(line =>
            KeyValuePair.Create(line.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), (string?)line.Value)),
    ];
}
