using System.Security.Cryptography;

namespace Solacore.LocalHost;

/// <summary>Settings as lines of <c>NAME=value</c>.</summary>
internal static class EnvironmentFile
{
    /// <summary>The settings of a file; none when there is no file.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path) =>
        File.Exists(path) ? Parse(File.ReadLines(path)) : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Empty lines and lines that begin with <c>#</c> say nothing, <c>export</c> may stand before a name, quotes around a
    /// value do not belong to it, the last line of a name wins.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Select(line => line.Trim()))
        {
            var separator = line.IndexOf('=', StringComparison.Ordinal);
            if (separator <= 0 || line[0] == '#')
            {
                continue;
            }

            var name = line[..separator].Trim();
            if (name.StartsWith("export ", StringComparison.Ordinal))
            {
                name = name["export ".Length..].Trim();
            }

            settings[name] = Unquoted(line[(separator + 1)..].Trim());
        }

        return settings;
    }

    /// <summary>Reads a file of secrets, after adding a random one for every name that it lacks.</summary>
    public static IReadOnlyDictionary<string, string> ReadOrGenerate(string path, IReadOnlyList<string> names)
    {
        var known = Read(path);
        var missing = names.Where(name => !known.ContainsKey(name)).Select(name => $"{name}={RandomNumberGenerator.GetHexString(64, lowercase: true)}").ToList();
        if (missing.Count == 0)
        {
            return known;
        }

        File.AppendAllLines(path, missing);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return Read(path);
    }

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
