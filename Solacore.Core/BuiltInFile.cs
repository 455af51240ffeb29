using System.Text.Json;

namespace Solacore.Core;

/// <summary>The text files of this project that are built into its assembly, by their logical names.</summary>
internal static class BuiltInFile
{
    /// <exception cref="FileNotFoundException">The project does not build such a file in.</exception>
    public static Stream Open(string name) =>
        typeof(BuiltInFile).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException($"The file {name} is not built in.", name);

    /// <inheritdoc cref="Open"/>
    public static string ReadText(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }

    /// <inheritdoc cref="Open"/>
    /// <exception cref="JsonException">The file is no such document.</exception>
    public static T ReadJson<T>(string name, JsonSerializerOptions options)
    {
        using var stream = Open(name);
        return JsonSerializer.Deserialize<T>(stream, options) ?? throw new JsonException($"The built-in file {name} holds nothing.");
    }
}
