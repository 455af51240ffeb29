using System.Globalization;
using System.Text;
using Solacore.Core.Language;

namespace Solacore.Core.Safety;

/// <summary>
/// A text as it is read: without what nobody sees between its characters, with plain digits. "555", a mark of zero width and
/// "1234" would be no number to a pattern, and yet be one to whoever reads it.
/// </summary>
internal static class VisibleText
{
    private const char Blank = '\u2800'; // of Braille: no space by its category, but empty
    private const int FirstTag = 0xE0020;
    private const int LastTag = 0xE007F;

    private static readonly Rune BlackFlag = new(0x1F3F4);

    /// <param name="text">In a normal form.</param>
    public static string Of(string text)
    {
        // Nearly every text is what it looks like.
        StringBuilder? visible = null;
        var before = new Rune('\n');
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var read = Read(rune, before);
            if (visible is null && read != rune)
            {
                visible = new StringBuilder(text, 0, at, text.Length);
            }

            if (read is { } seen)
            {
                visible?.Append(seen.ToString());
                before = seen;
            }

            at += rune.Utf16SequenceLength;
        }

        return visible?.ToString() ?? text;
    }

    /// <summary>What the character is to a reader; null: nothing.</summary>
    private static Rune? Read(Rune rune, Rune before)
    {
        if ((rune.IsAscii && !Rune.IsControl(rune)) || Han.Is(rune))
        {
            return rune;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control => rune.Value is '\t' or '\r' or '\n' ? rune : new Rune(' '),
            UnicodeCategory.DecimalDigitNumber => new Rune('0' + (int)Rune.GetNumericValue(rune)),
            UnicodeCategory.Format => IsPartOfSign(rune, before) ? rune : null,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => IsMarkOf(rune, before) ? rune : null,
            _ => rune.Value is Blank ? new Rune(' ') : rune.Value is '\u115f' or '\u1160' ? null : rune, // Fillers of Hangul
        };
    }

    /// <summary>Joiners make one emoji of several and shape Persian and Hindi; tags make the flags of Scotland and Wales.</summary>
    private static bool IsPartOfSign(Rune rune, Rune before) => rune.Value switch
    {
        '\u200c' or '\u200d' => IsShaped(before),
        >= FirstTag and <= LastTag => before == BlackFlag || before.Value is >= FirstTag and <= LastTag,
        _ => false,
    };

    /// <summary>Nothing is left of a digit in a box but the digit.</summary>
    private static bool IsMarkOf(Rune rune, Rune before) => rune.Value switch
    {
        '\u034f' or 0x17b4 or 0x17b5 => false,
        (>= '\ufe00' and <= '\ufe0f') or (>= 0xE0100 and <= 0xE01EF) => IsShaped(before),
        _ => !before.IsAscii || Rune.IsLetter(before),
    };

    private static bool IsShaped(Rune before)
    {
        const int firstOfHebrew = 0x0590;
        return before.Value >= firstOfHebrew && !Rune.IsPunctuation(before) && !Han.Is(before);
    }
}
