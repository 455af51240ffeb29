using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Solacore.Core.Language;

namespace Solacore.Core.Words;

/// <summary>
/// Brings what people type to one plain form, so that a phrase needs to be written only once: compatibility
/// width (NFKC), lower case, no accents, no invisible characters, Latin instead of look-alike Cyrillic and
/// Greek letters, simplified instead of traditional characters.
/// </summary>
internal static class Fold
{
    private const string LookAlikes = "аaеeоoрpсcуyхxіiкkмmтtнhвbѕsјjԁdαaοoεeρpιiκkνvτtυu";

    private static readonly FrozenDictionary<char, char> Substitutes = ReadSubstitutes();

    // Character by character, filled on demand: marks are dropped anyway, so nothing is lost against folding the whole text.
    private static readonly string?[] Folded = new string?[char.MaxValue + 1];

    public static string Plain(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAscii(c))
            {
                plain.Append(char.ToLowerInvariant(c));
            }
            else if (!char.IsSurrogate(c) && c != Wording.SwappedMark)
            {
                plain.Append(Folded[c] ??= PlainOf(c.ToString()));
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                plain.Append(IsStyledLetter(c) ? PlainOf(text.Substring(i, 2)) : text.AsSpan(i, 2));
                i++;
            }
        }

        return plain.ToString();
    }

    // Mathematical and enclosed letters (U+1D400 and U+1F100 on); other pairs are emoji and rare characters, plain already.
    private static bool IsStyledLetter(char highSurrogate) => highSurrogate is '\ud835' or '\ud83c';

    private static string PlainOf(string character)
    {
        var plain = new StringBuilder();
        foreach (var c in character.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Normalize(NormalizationForm.FormD))
        {
            if (!IsInvisible(c))
            {
                plain.Append(Substitutes.GetValueOrDefault(c, c));
            }
        }

        return plain.ToString();
    }

    private static bool IsInvisible(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format;

    private static FrozenDictionary<char, char> ReadSubstitutes()
    {
        var pairs = WordFile.Read("traditional.txt").SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Concat(LookAlikes.Chunk(2).Select(pair => new string(pair)));
        return pairs.ToFrozenDictionary(pair => pair[0], pair => pair[1]);
    }
}
