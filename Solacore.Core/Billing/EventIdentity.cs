using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Solacore.Core.Billing;

/// <summary>Names and hashes of stored events.</summary>
internal static class EventIdentity
{
    private const int LongestId = 255;
    private const int LongestType = 100;

    private static readonly Comparer<JsonProperty> ByRawName = Comparer<JsonProperty>.Create((left, right) =>
        JsonMarshal.GetRawUtf8PropertyName(left).SequenceCompareTo(JsonMarshal.GetRawUtf8PropertyName(right)));

    /// <summary>
    /// The event's id as it is stored. An id that does not fit the column or that a database cannot hold is replaced
    /// by its hash, which is as unique; an absent or empty one is null.
    /// </summary>
    public static string? Id(JsonElement? element)
    {
        if (element is not { } value || value.ValueKind is JsonValueKind.Null or JsonValueKind.False or JsonValueKind.True)
        {
            return null;
        }

        var raw = value.GetRawText();
        if (raw is "\"\"" or "{}" or "[]" or "0")
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? element.Text() : raw;
        return text is { Length: <= LongestId } ? text : "sha256:" + Hash(JsonMarshal.GetRawUtf8Value(value));
    }

    /// <summary>The type as it is stored.</summary>
    public static string Type(string? text)
    {
        if (text is null)
        {
            return "unknown";
        }

        if (text.Length <= LongestType)
        {
            return text;
        }

        // Half of a character is no text for a database.
        return text[..(char.IsHighSurrogate(text[LongestType - 1]) ? LongestType - 1 : LongestType)];
    }

    /// <summary>Lower-case hex SHA-256.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Hash of the document with the members of every object in the order of their names.</summary>
    public static string SortedHash(JsonElement element)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, element);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                hash.AppendData("{"u8);
                // Names as written, escapes and all: an unpaired surrogate in a name cannot be decoded.
                foreach (var member in element.EnumerateObject().Order(ByRawName))
                {
                    hash.AppendData(JsonMarshal.GetRawUtf8PropertyName(member));
                    hash.AppendData(":"u8);
                    Append(hash, member.Value);
                    hash.AppendData(","u8);
                }

                hash.AppendData("}"u8);
                break;
            case JsonValueKind.Array:
                hash.AppendData("["u8);
                foreach (var item in element.EnumerateArray())
                {
                    Append(hash, item);
                    hash.AppendData(","u8);
                }

                hash.AppendData("]"u8);
                break;
            default:
                hash.AppendData(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }
}
