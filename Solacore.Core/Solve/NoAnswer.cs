using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// Recognises a text that answers nothing: "I don't know", "ni idea", "不知道", a greeting, an "ok". A coach that quotes it
/// back as a goal or a concern would not have listened.
/// </summary>
internal static class NoAnswer
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Marks = new(@"[\s.,!?;:…。，！？；、""'“”«»¡¿]+", Options);

    // Lower case, without accents and marks: "don't" is "don t" here.
    private static readonly Regex NotKnown = new(
        @"^(well |um |uh |hmm+ |honestly |sorry |hi |hello |hey )*((i (really |honestly |still |just )*(don ?t|do not) know|don ?t know|dunno|idk|no idea|no clue|i have no (idea|clue)|(i m |i am )?(really |still )*(not sure|unsure)|nothing( really)?|none|i can ?t (say|tell|think of (anything|any|one)))( (yet|really|exactly|honestly|at all|what to (say|write|do)|how to (say|explain) it))*)$"
        + @"|^(pues |bueno |la verdad |es que |hola )*((no (lo )?se|ni idea|no tengo (ni )?idea|nada( en especial)?|ninguna?|no estoy segur[oa]|no sabria decir(te|lo)?)( (bien|muy bien|todavia|aun|la verdad|que (decir|hacer|escribir)))*)$"
        + @"|^(嗯+|唉|呃|这个|其实|你好|我)*(也|真的|还|都|就|现在)*(不知道|不清楚|不确定|不晓得|没想好|没想法|没有想法|想不到|想不出来?|说不清楚?|说不上来|没有|没什么)(了|呢|啊|吧|诶|耶|怎么说|该说什么)*$",
        Options);

    public static bool Is(string text)
    {
        var plain = Marks.Replace(Wording.Plain(text), " ").Trim();
        return plain.Length == 0 || NotKnown.IsMatch(plain) || StatedAction.IsSmallTalk(plain);
    }
}
