using System.Globalization;

namespace Solacore.Bench;

/// <summary>Options of a command, all of the form <c>--name number</c>.</summary>
internal static class BenchOptions
{
    /// <summary>What a command answers when its options are not understood.</summary>
    public const int NotUnderstood = 2;

    /// <returns>All known options with their values; null, after saying on standard error what there is, when one cannot be read.</returns>
    public static SortedDictionary<string, int>? Read(string[] options, params (string Name, int Default)[] known)
    {
        var settings = new SortedDictionary<string, int>(known.ToDictionary(k => k.Name, k => k.Default, StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var pair in options.Chunk(2))
        {
            if (pair is not [['-', '-', .. var name], var text] || !settings.ContainsKey(name)
                || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                Console.Error.WriteLine("Options, whole numbers: " + string.Join(' ', known.Select(k => string.Create(CultureInfo.InvariantCulture, $"--{k.Name} {k.Default}"))));
                return null;
            }

            settings[name] = value;
        }

        return settings;
    }
}
