using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>Finds out which of the three options a message picks: by letter, by number word, or by its title.</summary>
internal static class OptionChoice
{
    // "a", "b)", "option c", "the second one", "I'd go with the first", "C sounds good", "la primera", "第三个", "选b"; not
    // "a friend told me".
    // NonBacktracking keeps matching linear on any input.
    private static readonly Regex Pick = new(
        @"^\W*((well|maybe|probably|perhaps|ok|bueno|pues|quizas?|creo que|嗯|我?觉得),? )*"
        + @"((i think )?(i |i'?d |i would |i'?ll |let'?s )?(choose|pick|take|like|prefer|go (with|for)|do) |(i think |i guess )|elijo |prefiero |escojo |me quedo con |me gusta (mas )?|mejor |我?(选择|选|要|喜欢|觉得)|还是)?"
        + @"(the |la |el )?((option|opcion|number|numero|选项|方案)\s*)?"
        + @"((?<first>a|1|one|first|primer[ao]?|第?一)|(?<second>b|2|two|second|segund[ao]|第?二)|(?<third>c|3|three|third|tercer[ao]?|第?三))"
        + @"( one| option| opcion|个|项|种|条)?(吧|更?好|挺好|不错|更像|比较好)*"
        + @"( (sounds|looks|seems|feels|fits|is|suena|parece|me parece|encaja|es) (good|best|better|right|fine|closer|bien|mejor|la mejor)( to me)?| please| i guess| i think| por favor| supongo| creo)?\s*($|[).:,，。、）：!！])",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public static int? In(string text, IReadOnlyList<SolveOption> options)
    {
        var plain = Wording.Plain(text);
        for (var index = 0; index < options.Count; index++)
        {
            if (plain.Contains(Wording.Plain(options[index].Title), StringComparison.Ordinal))
            {
                return index;
            }
        }

        var match = Pick.Match(plain);
        if (!match.Success)
        {
            return null;
        }

        int? index0 = match switch
        {
            _ when match.Groups["first"].Success => 0,
            _ when match.Groups["second"].Success => 1,
            _ => 2,
        };
        return index0 < options.Count ? index0 : null;
    }
}
