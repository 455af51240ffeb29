using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>Recognises what people say without saying anything: "ok", "hola", "谢谢", and the bare pick of an option.</summary>
internal static partial class SmallTalk
{
    /// <param name="plain">From <see cref="Wording.Plain"/>.</param>
    public static bool Is(string plain) => Pattern().IsMatch(plain);

    [GeneratedRegex(
        @"^((ok(ay)?|great|good|perfect|yes|no) thanks?( you)?|(ok|vale|bueno|genial|no) gracias|ok(ay)?|yes|yeah|yep|no|nope|nah|sure|fine|thanks?( you)?( so much| a lot)?|thx|hi|hello|hey|maybe|perhaps|hmm+|hm|well|good|great|cool|right|bye|sorry|please|test|got it|i see|sounds good|agreed|done|so|and|but|lol|haha"
        + @"|si|vale|bueno|claro|gracias|muchas gracias|hola|adios|quizas?|tal vez|bien|perfecto|de acuerdo|entiendo|perdon|lo siento|por favor|pues|genial|listo"
        + @"|好|好的|好吧|行|可以|嗯+|哦+|噢|谢谢(你|您)?|多谢|你好|您好|再见|也许|可能|是|是的|对|对的|不|不是|明白(了)?|知道了|了解|收到|抱歉|对不起|哈+"
        // Several options at once are no action either.
        + @"|((a |una )?(mix|mixture|combination|mezcla|combinacion) (of|de) )?(both|ambas|(option |opcion )?[abc])( (and|or|y|o) (option |opcion )?[abc])+"
        + @"|[abc](和|跟|加|或)[abc](一起|都行|都可以)?"
        + @"|((i (choose|pick|take|like|prefer) )?(the )?(option |number )?(a|b|c|1|2|3|one|two|three|first|second|third)( one| option)?)"
        + @"|((elijo |prefiero |escojo )?(la |el )?(opcion |numero )?(a|b|c|1|2|3|uno|dos|tres|primer[ao]?|segund[ao]|tercer[ao]?)( opcion)?)"
        + @"|((我)?(选|选择|要|喜欢)?(选项|方案)?第?([abc123一二三])(个|项|种|条)?(选项|方案)?))$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Pattern();
}
