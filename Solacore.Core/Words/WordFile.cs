namespace Solacore.Core.Words;

/// <summary>The word lists of the folders <c>Words</c>, built into the assembly: UTF-8, <c>#</c> starts a comment.</summary>
internal static class WordFile
{
    private const string Folder = "words/";

    /// <summary>The lines that say something.</summary>
    public static IEnumerable<string> Read(string name)
    {
        using var reader = new StreamReader(BuiltInFile.Open(Folder + name));
        while (reader.ReadLine() is { } line)
        {
            var content = (line.IndexOf('#', StringComparison.Ordinal) is >= 0 and var comment ? line[..comment] : line).Trim();
            if (content.Length > 0)
            {
                yield return content;
            }
        }
    }

    /// <summary>File names of the form <c>topic.language.extension</c>, with the language of each.</summary>
    public static IEnumerable<(string Name, string Language)> Of(string topic, string extension) =>
        from resource in typeof(WordFile).Assembly.GetManifestResourceNames()
        where resource.StartsWith($"{Folder}{topic}.", StringComparison.Ordinal) && resource.EndsWith(extension, StringComparison.Ordinal)
        let name = resource[Folder.Length..]
        select (name, name[(topic.Length + 1)..^extension.Length]);
}
