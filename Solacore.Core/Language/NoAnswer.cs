using System.Text;
using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>
/// Recognises a text that answers nothing: "I don't know", "ni idea", "不知道", a greeting, an "ok", a "👍", a bare "I need help", "stop
/// asking", "can we switch to English?". A coach that quotes it back as a goal or a concern would not have listened.
/// </summary>
internal static class NoAnswer
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Marks = new(@"[\s.,!?;:…。，！？；、""'“”«»¡¿]+", Options);

    // Lower case, without accents and marks: "don't" is "don t" here.
    private static readonly Regex NotKnown = new(
        @"^(well |um |uh |hmm+ |honestly |sorry |hi |hello |hey )*((i (really |honestly |still |just )*(don ?t|do not) know|don ?t know|dunno|idk|no idea|no clue|i have no (idea|clue)|(i m |i am )?(really |still )*(not sure|unsure)|nothing( really)?|none|i ?(ll| will) (think about it|see)|i can ?t (say|tell|think of (anything|any|one)))( (yet|really|exactly|honestly|at all|what to (say|write|do)|how to (say|explain) it|you tell me))*|you tell me)$"
        + @"|^(pues |bueno |la verdad |es que |hola )*((no (lo )?se|ni idea|no tengo (ni )?idea|nada( en especial)?|ninguna?|no estoy segur[oa]|no sabria decir(te|lo)?|(me )?lo pensare|pensare en ello|ya vere)( (bien|muy bien|todavia|aun|la verdad|que (decir|hacer|escribir)|dime(lo)? tu))*|dime(lo)? tu)$"
        + @"|^(嗯+|唉|呃|这个|其实|你好|我)*(也|真的|还|都|就|现在)*(不知道|不清楚|不确定|不晓得|没想好|没想法|没有想法|想不到|想不出来?|说不清楚?|说不上来|没有|没什么|再想想|想一想|考虑一下)(了|呢|啊|吧|诶|耶|怎么说|该说什么|你说呢)*$|^你说呢$",
        Options);

    // Any number of these in any order.
    private static readonly Regex Greeting = new(
        @"^((hi|hello|hey|there|everyone|again|good (morning|afternoon|evening|day)|how are you( doing)?|today|what s up|nice to meet you|is (anybody|anyone|someone) there|(can|could) you help me|(i (really )?)?need (some |your )?help|help( me)?|please|what (should|do) i do)( |$))+$"
        + @"|^((hola|hey|buenas|buen dia|buenos dias|buenas (tardes|noches)|que tal( estas)?|como estas|hay alguien( ahi)?|(me )?puedes ayudar(me)?|necesito (tu |un poco de )?ayuda|ayuda(me)?|por favor|que (hago|debo hacer))( |$))+$"
        + @"|^(你好|您好|哈喽|嗨|早|早上好|早安|上午好|中午好|下午好|晚上好|在吗|在么|在不在|有人吗|最近好吗|请|能不能|可以|你能|帮帮我|帮我|帮忙|救命|求助|我?(很)?需要(一点|你的)?帮助|我?(该|要)?怎么办|[啊呀呢吗吧 ])+$",
        Options);

    private static readonly Regex Refused = new(
        @"^(no |please |just |ok |sorry )*(i (really |still |just )*(don ?t|do not) (want|wish) to (say|tell|answer|share)( (you|it|that|this|more|anything))*|i (d|would) rather not( say| answer| tell)?( (you|that|it))*|stop asking( me)?( (questions|so many questions|that|this))?|(that s )?none of your business|leave me alone)( (now|today|please))*$"
        + @"|^(no |por favor |ya )*(que no( quiero)?|no (te )?(lo )?(quiero|voy a|pienso) (decir|contar|contestar|responder)(te|lo|telo)?( (eso|esto|nada|mas))*|prefiero no (decir|contar|contestar|responder)(te|lo|telo)?|deja(me)? de preguntar(me)?|no (me )?preguntes( mas)?|no es asunto tuyo|dejame en paz)( por favor)?$"
        + @"|^(我|真的|都|就|请|你)*(不想(说|讲|回答|告诉你)|别再?问|不要再?问|不告诉你|不关你的?事)(了|我|这个|吧|啦| )*$",
        Options);

    private static readonly Regex OtherLanguage = new(
        @"^(sorry |please |ok |hi |hello )*((can|could|may) (we|you|i) (please )?(switch|change|speak|talk|write|answer|continue|go on|do this) ((in|to) )?(english|spanish|chinese)|let s (do|continue|have) (this |it )?in (english|spanish|chinese)|let s (speak|switch to) (english|spanish|chinese)|in (english|spanish|chinese))( (please|instead))*$"
        + @"|^(perdon |por favor |hola )*((podemos|puedes|podriamos|podrias) (hablar|seguir|cambiar|escribir|contestar|responder)(me)? (en|a|al) (espanol|castellano|ingles|chino)|((mejor|sigamos|hablemos|seguimos) )?en (espanol|castellano|ingles|chino))( (por favor|mejor))*$"
        + @"|^(请|我们|可以|能|能不能|可不可以|还是)*(用(中文|英文|英语|汉语|西班牙语)(说|聊|讲|交流|回答)?(吧|吗|好吗|可以吗|好不好)*|(说|讲|换成?)(中文|英文|英语|汉语|西班牙语)(吧|吗|好吗|可以吗|好不好)+)$",
        Options);

    private static readonly char[] Breaks = [.. ",.!;，。！；"];

    public static bool Is(string text)
    {
        var plain = Plain(text);
        return IsUnknown(plain)
            || !plain.EnumerateRunes().Any(Rune.IsLetterOrDigit)
            || Greeting.IsMatch(plain)
            || Refused.IsMatch(plain)
            || OtherLanguage.IsMatch(plain)
            || IsSmallTalk(text);
    }

    /// <summary>True for "I don't want to say" and "stop asking".</summary>
    public static bool IsRefusal(string text) => Refused.IsMatch(Plain(text));

    /// <summary>True for "I don't know" and for silence, not for "ok" or "hi".</summary>
    public static bool IsDoubt(string text) => IsUnknown(Plain(text));

    private static bool IsUnknown(string plain) => plain.Length == 0 || NotKnown.IsMatch(plain);

    /// <summary>"Ok, thanks" as well as "ok".</summary>
    private static bool IsSmallTalk(string text) => SmallTalk.Is(Plain(text))
        || Wording.Plain(text).Split(Breaks, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(SmallTalk.Is);

    private static string Plain(string text) => Marks.Replace(Wording.Plain(text), " ").Trim();
}
