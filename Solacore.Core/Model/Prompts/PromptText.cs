using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Solacore.Core.Model.Prompts;

/// <summary>How prompts name languages and quote what people wrote.</summary>
internal static class PromptText
{
    // Readable Chinese and Spanish cost fewer tokens than escapes; < and > stay escaped, so no text can end the data block.
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <param name="locale"><c>en</c>, <c>es</c> or <c>zh</c>.</param>
    public static string Language(string locale) => locale switch
    {
        "es" => "Spanish (informal tú)",
        "zh" => "Simplified Chinese",
        _ => "English",
    };
}
