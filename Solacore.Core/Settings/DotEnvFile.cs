using Microsoft.Extensions.Configuration;

namespace Solacore.Core.Settings;

/// <summary>
/// The <c>.env</c> file of the working directory: <c>NAME=value</c> lines, <c>#</c> comments, optional quotes and
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

    private static string Unquote(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
