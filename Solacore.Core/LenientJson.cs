using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Solacore.Core;

/// <summary>
/// Reads JSON of others, which may lack members, hold null, or hold another type than documented: each reader answers
/// null then. Of duplicate members the last one counts. Text that a database cannot hold (unpaired surrogates, NUL)
/// counts as absent.
/// </summary>
public static class LenientJson
{
    /// <summary>Numbers above this are milliseconds since 1970, others are seconds.</summary>
    private const double FirstMilliseconds = 1_000_000_000_000;

    private const int LongestId = 255;

    /// <summary>Deeper documents are refused; real events stay below twenty levels.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    /// <summary>The document, or null when the bytes are no JSON object.</summary>
    public static JsonDocument? ParseObject(ReadOnlyMemory<byte> utf8)
    {
        // The parser lets broken UTF-8 inside strings pass and throws when somebody looks at it.
        if (!Utf8.IsValid(utf8.Span))
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(utf8, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The member of an object, which may be null; false when there is none.</summary>
    public static bool TryFind(this JsonElement owner, string name, out JsonElement member)
    {
        try
        {
            return owner.TryGetProperty(name, out member);
        }
        catch (InvalidOperationException)
        {
            // The name of another member holds an unpaired surrogate, which the search cannot compare.
            member = owner.EnumerateObject().LastOrDefault(property => NameOf(property) == name).Value;
            return member.ValueKind != JsonValueKind.Undefined;
        }
    }

    /// <summary>The member, or null when it is absent or null, or when this is no object.</summary>
    public static JsonElement? Member(this JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } owner && owner.TryFind(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    /// <summary>The member behind a path of names.</summary>
    public static JsonElement? Member(this JsonElement? element, string first, params ReadOnlySpan<string> rest)
    {
        var member = element.Member(first);
        foreach (var name in rest)
        {
            member = member.Member(name);
        }

        return member;
    }

    /// <summary>The text, or null when it is empty, no string, or not storable.</summary>
    public static string? Text(this JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.String } value)
        {
            return null;
        }

        try
        {
            var text = value.GetString();
            return string.IsNullOrEmpty(text) || text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Text that is there and says nothing.</summary>
    public static bool IsEmptyText(this JsonElement? element) => element is { ValueKind: JsonValueKind.String } value && value.ValueEquals(""u8);

    /// <summary>
    /// The id of an object that the provider sends either as its id or in full. Null for what is longer than any
    /// provider's ids.
    /// </summary>
    public static string? Id(this JsonElement? element) =>
        (element.Text() ?? element.Member("id").Text()) is { Length: <= LongestId } id ? id : null;

    /// <summary>True or false, or null when it is neither.</summary>
    public static bool? Flag(this JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A finite number, or null.</summary>
    public static double? Number(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    /// <summary>The elements of an array; nothing for anything else.</summary>
    public static IEnumerable<JsonElement?> Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().Select(item => (JsonElement?)item) : [];

    /// <summary>A UUID in its usual text form, or null.</summary>
    public static Guid? Uuid(this JsonElement? element) => Guid.TryParse(element.Text(), out var id) ? id : null;

    /// <summary>
    /// A time: seconds or milliseconds since 1970 as a number or in digits, or ISO 8601. Null for zero, for empty
    /// text and for what lies outside the calendar.
    /// </summary>
    public static DateTimeOffset? Time(this JsonElement? element)
    {
        if (element.Number() is { } number)
        {
            return FromUnix(number);
        }

        if (element.Text() is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var digits))
        {
            return FromUnix(digits);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
    }

    /// <summary>The member's name, or null when it cannot be decoded.</summary>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static DateTimeOffset? FromUnix(double number)
    {
        var milliseconds = number > FirstMilliseconds ? number : number * 1000;
        return milliseconds > 0 && milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : null;
    }
}
