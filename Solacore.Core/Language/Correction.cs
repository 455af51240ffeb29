using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>Recognises that somebody takes back what it was about: "Actually no, it's not about smoking. I want to …".</summary>
internal static class Correction
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Opening = new(
        @"^\W*((actually|no|sorry|wait|well|hm+|honestly|i mean)[,.]? )*(it|this|that)( is|['’]s)?( not|n['’]t) (really |actually |just )?(about|because of) (?<old>[^.,;!?]+)[.,;!]+ *(?<rest>.+)$"
        + @"|^\W*((en realidad|no|perd[oó]n|bueno|espera|la verdad)[,.]? )*no (es|se trata de|va de) (realmente )?(por |sobre |lo de |cuesti[oó]n de )?(?<old>[^.,;!?]+)[.,;!]+ *(?<rest>.+)$"
        + @"|^\W*(其实|不对|不|等等|说错了|抱歉|对不起)?[,，。]? *(其实|这|我想说的|问题|主要)*(并)?不是(关于|因为)?(?<old>[^,，。;；!！]+)[,，。;；!！]+ *(?<rest>.+)$",
        Options);

    private static readonly Regex Word = new(@"\p{L}+", Options);

    /// <summary>What it is about instead; null when nothing is taken back.</summary>
    /// <param name="text">On one line.</param>
    /// <param name="concern">What it was about so far: "it's not about money" may as well be an answer.</param>
    public static string? In(string text, string? concern)
    {
        var opening = Opening.Match(text);
        if (concern is null || !opening.Success)
        {
            return null;
        }

        var known = Wording.Plain(concern);
        return Stems(Wording.Plain(opening.Groups["old"].Value)).Any(stem => known.Contains(stem, StringComparison.Ordinal)) ? opening.Groups["rest"].Value : null;
    }

    /// <summary>"Smoking" and "smoke" begin alike; two Chinese characters are about a word.</summary>
    private static IEnumerable<string> Stems(string plain) => Word.Matches(plain).SelectMany(word => word.Value switch
    {
        [var first, _, ..] and var text when Han.Is(first) => Enumerable.Range(0, text.Length - 1).Select(start => text.Substring(start, 2)),
        { Length: >= 4 } text => [text[..4]],
        _ => [],
    });
}
