using System.Text;
using System.Text.RegularExpressions;

namespace Solacore.Core.Safety.Personal;

/// <summary>What the patterns for personal data share.</summary>
/// <remarks>Every pattern is bounded at each position (no nested or unlimited repetition before a required tail).</remarks>
internal static class Patterns
{
    public const RegexOptions Exact = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    public const RegexOptions Loose = Exact | RegexOptions.IgnoreCase;

    /// <summary>Spaces and ends of lines only lay the pattern out.</summary>
    public const RegexOptions Lines = RegexOptions.IgnorePatternWhitespace;

    /// <summary>No letter or digit before; Chinese, which has no spaces, may stand there.</summary>
    public const string WordStart = @"(?<![\w-[\u3400-\u9fff]])";

    /// <summary>No letter or digit behind; Chinese may stand there.</summary>
    public const string WordEnd = @"(?![\w-[\u3400-\u9fff]])";

    /// <summary>The word that introduces something personal is not personal itself.</summary>
    public static string KeepLead(Match match) => match.Groups["lead"].Value + " ";

    public static string Digits(ReadOnlySpan<char> text)
    {
        var digits = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits.Append(c);
            }
        }

        return digits.ToString();
    }
}
