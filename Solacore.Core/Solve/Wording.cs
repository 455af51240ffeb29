using System.Globalization;
using System.Text;
using Solacore.Core.Safety.Phrases;

namespace Solacore.Core.Solve;

/// <summary>Small text rules that several parts of solve share. Lengths count Unicode characters, not UTF-16 units.</summary>
public static class Wording
{
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
    public static string Shorten(string text, int length) => Length(text) <= length ? text : Cut(text, length) + "...";

    /// <summary>The core concern: up to 60 characters as they are, longer texts as their first 57 and three dots.</summary>
    public static string Concern(string text)
    {
        var line = OneLine(text);
        return Length(line) <= ConcernLength ? line : Cut(line, ConcernLength - 3) + "...";
    }

    /// <summary>Pieces between the separators, trimmed, blank ones left out.</summary>
    public static IEnumerable<string> Split(string text, ReadOnlySpan<char> separators)
    {
        var pieces = text.Split(separators.ToArray(), StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return pieces.Select(OneLine).Where(piece => piece.Length > 0);
    }

    /// <summary>Lower case without accents and with plain apostrophes, for comparing with word lists.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in Fold.WellFormed(text).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            plain.Append(rune.Value is '’' or '‘' or '`' or '´' ? "'" : Rune.ToLowerInvariant(rune).ToString());
        }

        return OneLine(plain.ToString());
    }

    public static bool IsHan(Rune rune) => rune.Value is (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0x20000 and <= 0x323AF);
}
