using System.Buffers;
using System.Globalization;

namespace Solacore.Api.Http.Requests;

/// <summary>UUIDs with or without hyphens, in braces, with <c>urn:uuid:</c>, in any case.</summary>
internal static class LenientUuid
{
    private const string UrnPrefix = "urn:uuid:";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefABCDEF-");

    public static bool TryParse(string text, out Guid id)
    {
        var bare = text.StartsWith(UrnPrefix, StringComparison.OrdinalIgnoreCase) ? text.AsSpan(UrnPrefix.Length) : text;
        return Guid.TryParseExact(bare, "D", out id) || Guid.TryParseExact(bare, "N", out id) || Guid.TryParseExact(bare, "B", out id);
    }

    public static Problem Explain(string text)
    {
        var error = "invalid group layout";
        var position = text.AsSpan().IndexOfAnyExcept(Allowed);
        if (position >= 0)
        {
            error = string.Create(CultureInfo.InvariantCulture,
                $"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{text[position]}` at {position + 1}");
        }
        else if (!text.Contains('-', StringComparison.Ordinal))
        {
            error = string.Create(CultureInfo.InvariantCulture, $"invalid length: expected length 32 for simple format, found {text.Length}");
        }

        return Problem.Parsing("uuid_parsing", $"Input should be a valid UUID, {error}", error);
    }
}
