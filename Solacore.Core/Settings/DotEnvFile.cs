using Microsoft.Extensions.Configuration;

namespace Solacore.Core.Settings;

/// <summary>
/// The <c>.env</c> file of the working directory: <c>NAME=value</c> lines, <c>#</c> comments (also behind a value), optional quotes and
/// <c>export </c>. The environment wins over it; names that nobody reads are ignored.
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
                InitialData = Parse(File.ReadLines(path)),
            });
        }
    }

    public static IReadOnlyList<KeyValuePair<string, string?>> Parse(IEnumerable<string> lines) =>
    [
        .. from line in lines
           let text = line.Trim()
           where text.Length > 0 && text[0] != '#'
           let assignment = text.StartsWith("export ", StringComparison.Ordinal) ? text[7..] : text
           let split = assignment.IndexOf('=', StringComparison.Ordinal)
           where split > 0
           select KeyValuePair.Create(
               assignment[..split].Trim().Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal),
               (string?)Unquote(assignment[(split + 1)..].Trim())),
    ];

    /// <summary>A quoted value ends at its quote; any other at a # with a space before it.</summary>
    private static string Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is > 0 and var end
            && value.AsSpan(end + 1).TrimStart() is [] or ['#', ..])
        {
            return value[1..end];
        }

        var comment = value.StartsWith('#') ? 0 : value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
