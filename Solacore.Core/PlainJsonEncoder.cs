using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Solacore.Core;

/// <summary>
/// Escapes what JSON must have escaped (RFC 8259, section 7) and nothing else: letters of all scripts and emoji are
/// written as they are. For JSON on its own, never for JSON inside a page.
/// </summary>
public sealed unsafe class PlainJsonEncoder : JavaScriptEncoder
{
    private const char FirstPlain = ' ';

    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(letter => MustEscape(letter) || char.IsSurrogate(letter))]);

    private PlainJsonEncoder()
    {
    }

    public static PlainJsonEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => @"\u0000".Length;

    public override bool WillEncode(int unicodeScalar) => MustEscape(unicodeScalar);

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var all = new ReadOnlySpan<char>(text, textLength);
        for (var at = 0; all[at..].IndexOfAny(Suspects) is >= 0 and var next;)
        {
            at += next;

            // Half a pair is no text; it becomes the replacement character.
            if (Rune.DecodeFromUtf16(all[at..], out _, out var length) != OperationStatus.Done || length == 1)
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var room = new Span<char>(buffer, bufferLength);
        if (!MustEscape(unicodeScalar))
        {
            return new Rune(unicodeScalar).TryEncodeToUtf16(room, out numberOfCharactersWritten);
        }

        var escaped = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => @"\\",
            '\b' => @"\b",
            '\f' => @"\f",
            '\n' => @"\n",
            '\r' => @"\r",
            '\t' => @"\t",
            _ => string.Create(CultureInfo.InvariantCulture, $"\\u{unicodeScalar:x4}"),
        };
        numberOfCharactersWritten = escaped.TryCopyTo(room) ? escaped.Length : 0;
        return numberOfCharactersWritten > 0;
    }

    private static bool MustEscape(int unicodeScalar) => unicodeScalar is < FirstPlain or '"' or '\\';
}
