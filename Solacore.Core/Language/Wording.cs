using System.Globalization;
using System.Text;

namespace Solacore.Core.Language;

/// <summary>Small rules for texts in any of the languages. Lengths count Unicode characters, not UTF-16 units.</summary>
public static class Wording
{
    /// <summary>A byte order mark read the wrong way round: no character, and never will be one.</summary>
    public const char SwappedMark = '\ufffe';

    /// <summary>Stands behind a text that was cut.</summary>
    public const string CutMark = "...";

    private const int ConcernLength = 60;

    /// <summary>
    /// One line: runs of whitespace and control characters become one space. Control characters go because
    /// jsonb refuses U+0000 and because a stray line break would end an option line.
    /// </summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
            {
                line.Append(rune.ToString());
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd(' ');
    }

    public static int Length(string text) => text.EnumerateRunes().Count();

    public static string Cut(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.EnumerateRunes().Take(length).Select(rune => rune.ToString()));

    /// <summary>Up to so many characters as they are, longer texts as so many characters and three dots.</summary>
    public static string Shorten(string text, int length) => Length(text) <= length ? text : Cut(text, length) + CutMark;

    /// <summary>The core concern: up to 60 characters as they are, longer texts as their first 57 and three dots.</summary>
    public static string Concern(string text)
    {
        var line = OneLine(text);
        return Length(line) <= ConcernLength ? line : Cut(line, ConcernLength - CutMark.Length) + CutMark;
    }

    /// <summary>
    /// Pieces between the separators, trimmed, blank ones left out. A comma between two digits is part of the number: "8,000",
    /// "1,5".
    /// </summary>
    public static IEnumerable<string> Split(string text, ReadOnlySpan<char> separators)
    {
        var pieces = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var isInNumber = i > 0 && i + 1 < text.Length && text[i] == ',' && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]);
            if (i == text.Length || (separators.Contains(text[i]) && !isInNumber))
            {
                pieces.Add(OneLine(text[start..i]));
                start = i + 1;
            }
        }

        return pieces.Where(piece => piece.Length > 0);
    }

    /// <summary>Lower case without accents and with plain apostrophes, for comparing with word lists.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in WellFormed(text).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            plain.Append(rune.Value is '’' or '‘' or '`' or '´' ? "'" : Rune.ToLowerInvariant(rune).ToString());
        }

        return OneLine(plain.ToString());
    }

    /// <summary>The text without lone surrogates and U+FFFE, which <see cref="string.Normalize()"/> refuses.</summary>
    public static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]) && text[i] != SwappedMark)
            {
                continue;
            }

            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                return string.Concat(text.EnumerateRunes().Select(rune => rune.ToString())).Replace(SwappedMark, '\ufffd');
            }

            i++;
        }

        return text;
    }
}
