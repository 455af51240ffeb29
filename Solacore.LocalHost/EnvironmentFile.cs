using System.Security.Cryptography;
using Solacore.Core.Settings;

namespace Solacore.LocalHost;

/// <summary>Settings as lines of <c>NAME=value</c>; names in any case, as the services read them.</summary>
internal static class EnvironmentFile
{
    /// <summary>The settings of a file; none when there is no file.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path) =>
        File.Exists(path) ? Parse(File.ReadLines(path)) : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>In lines of <see cref="EnvironmentLine"/>; the last line of a name wins.</summary>
    public static IReadOnlyDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in lines.Select(EnvironmentLine.Read).OfType<(string Name, string Value)>())
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>Reads a file of secrets, after adding a random one for every name that it lacks.</summary>
    public static IReadOnlyDictionary<string, string> ReadOrGenerate(string path, IReadOnlyList<string> names)
    {
        var known = Read(path);
        var missing = names.Where(name => string.IsNullOrWhiteSpace(known.GetValueOrDefault(name)))
            .Select(name => $"{name}={RandomNumberGenerator.GetHexString(64, lowercase: true)}").ToList();
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
}
