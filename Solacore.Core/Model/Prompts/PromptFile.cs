using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Solacore.Core.Model.Prompts;

/// <summary>
/// A prompt from an embedded file <c>name.v1.md</c>: a head with name and version between two <c>---</c> lines, then
/// the text with <c>{{places}}</c>. A changed prompt is a new version in a new file, so that stored replies can tell
/// which one made them.
/// </summary>
public sealed partial record PromptFile(string Name, int Version, string Text)
{
    private static readonly ConcurrentDictionary<(string Name, int Version), PromptFile> Loaded = new();

    /// <summary>Loads a prompt once and keeps it.</summary>
    /// <exception cref="FileNotFoundException">There is no such prompt.</exception>
    /// <exception cref="InvalidOperationException">The file's head does not say what its name says.</exception>
    public static PromptFile Load(string name, int version) => Loaded.GetOrAdd((name, version), key => Read(key.Name, key.Version));

    /// <summary>The text with every place filled.</summary>
    /// <exception cref="InvalidOperationException">A place of the text has no value.</exception>
    public string Fill(IReadOnlyDictionary<string, string> values) => Place().Replace(Text, place =>
        values.TryGetValue(place.Groups["name"].Value, out var value)
            ? value
            : throw new InvalidOperationException($"Prompt {Name} v{Version} needs a value for {place.Value}."));

    private static PromptFile Read(string name, int version)
    {
        var resource = string.Create(CultureInfo.InvariantCulture, $"prompts/{name}.v{version}.md");
        var match = Head().Match(BuiltInFile.ReadText(resource));
        if (!match.Success
            || match.Groups["name"].Value != name
            || match.Groups["version"].Value != version.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"The head of the embedded prompt {resource} does not name {name}, version {version}.");
        }

        return new PromptFile(name, version, match.Groups["text"].Value.Trim());
    }

    [GeneratedRegex(@"^---\r?\nname: (?<name>\S+)\r?\nversion: (?<version>\d+)\r?\n---\r?\n(?<text>.*)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Head();

    [GeneratedRegex(@"\{\{(?<name>[a-z_]+)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
