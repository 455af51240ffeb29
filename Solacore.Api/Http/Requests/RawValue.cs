using System.Text.Json;

namespace Solacore.Api.Http.Requests;

/// <summary>A value as it arrived: a JSON element, a text from path, query or header, or nothing.</summary>
internal readonly struct RawValue
{
    private const int MaxEcho = 100;

    private RawValue(JsonElement json, string? text, bool isPresent)
    {
        Json = json;
        Text = text;
        IsPresent = isPresent;
    }

    public static RawValue Absent => default;

    public JsonElement Json { get; }

    /// <summary>Null when the value came as JSON.</summary>
    public string? Text { get; }

    public bool IsPresent { get; }

    public bool IsNull => IsPresent && Text is null && Json.ValueKind == JsonValueKind.Null;

    public static RawValue Of(JsonElement json) => new(json, null, isPresent: true);

    public static RawValue Of(string? text) => new(default, text, text is not null);

    /// <summary>The text of a JSON string or of a parameter; false for other JSON values and for broken Unicode.</summary>
    public bool TryGetText(out string text)
    {
        text = Text ?? "";
        if (Text is not null)
        {
            return true;
        }

        if (Json.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = Json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair, such as "\ud800": JSON by its grammar, but no text.
            return false;
        }
    }

    /// <summary>What an error answer may repeat: scalars, shortened. Arrays and objects are not repeated.</summary>
    public object? Echo()
    {
        if (TryGetText(out var text))
        {
            return text.Length <= MaxEcho ? text : string.Concat(text.AsSpan(0, MaxEcho), "…");
        }

        return IsPresent && Json.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? Json : null;
    }
}
