using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// Decides whether a message at step commit states something to do. It leans towards yes, because the question just
/// asked was "what will you do"; what is not an action is a pure question, a refusal ("I don't know", "no sé",
/// "不知道"), small talk ("ok", "gracias"), a complaint about one's state, or the bare pick of an option.
/// </summary>
internal static partial class StatedAction
{
    /// <summary>Reminders and lists show the action, so it stays short; in characters.</summary>
    private const int MaxLength = 500;

    private const int MinLetters = 3;

    /// <summary>The message as an action on one line, or null when it states none.</summary>
    public static string? In(string text) => Sentences(Wording.Plain(Wording.OneLine(text))).Any(StatesAction) ? Line(text) : null;

    /// <summary>A message that states an action, as it is kept: on one line, and not longer than lists and reminders show.</summary>
    public static string Line(string text) => Wording.Cut(Wording.OneLine(text), MaxLength);

    /// <summary>Sentences with their closing mark; "I will call her, ok?" counts as the statement it is.</summary>
    private static IEnumerable<string> Sentences(string plain) =>
        SentenceEnd().Split(TagQuestion().Replace(plain, ".")).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0);

    private static bool StatesAction(string sentence)
    {
        if (QuestionForm().IsMatch(sentence))
        {
            return false;
        }

        var afterRefusal = false;
        foreach (var clause in ClauseEnd().Split(sentence).Select(Bare).Where(clause => clause.Length > 0))
        {
            if (Refusal().IsMatch(clause))
            {
                afterRefusal = true;
            }
            else if (HasSubstance(clause) && (!afterRefusal || NewStart().IsMatch(clause)))
            {
                return true;
            }
        }

        return false;
    }

    private static string Bare(string clause) => clause.Trim().Trim('.', '!', '"', '“', '”', '«', '»', '¡', '。', '~', '-', ')', '(', '\'').Trim();

    /// <summary>True for "ok", "hola", "谢谢" and the bare pick of an option.</summary>
    /// <param name="plain">From <see cref="Wording.Plain"/>.</param>
    internal static bool IsSmallTalk(string plain) => SmallTalk().IsMatch(plain);

    private static bool HasSubstance(string clause) =>
        !IsSmallTalk(clause)
        && clause.EnumerateRunes().Sum(rune => Han.Is(rune) ? 2 : System.Text.Rune.IsLetter(rune) ? 1 : 0) >= MinLetters;

    // All patterns see lower case without accents and with plain apostrophes.
    [GeneratedRegex(@"[,，、]\s*|\s(?=but\b|pero\b|aunque\b)|(?=但是|不过|但)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ClauseEnd();

    [GeneratedRegex(@"(?<=[.!?;。！？；…])\s*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@",\s*(ok|okay|right|alright|yes|no|vale|verdad|si)\s*\?|[,，]\s*(好吗|可以吗|行吗|好吧|行不行)\s*[?？]?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TagQuestion();

    [GeneratedRegex(
        @"[?？]$|^¿|(吗|呢|么|嘛)[。.!！]*$|^(怎么|如何|什么|为什么|哪|是不是|能不能|该不该)"
        + @"|^(what (should|can|could|do|would|else|is|are|if)|how (do|can|should|could|would|is|about)|why|which (one|of|option|should)|should i|can i|could i|do i|is it|is there|can you|could you|would you)\b"
        + @"|^(que (debo|deberia|puedo|hago|podria|tengo)|como (puedo|lo|hago|debo|deberia|podria)|por que|cual|cuando (debo|deberia|puedo)|deberia|puedes|podrias)\b"
        + @"|(该|要|能|可以)怎么|怎么办|做什么好|该做什么"
        // Requests to the assistant ask as well.
        + @"|^(and )?now what$|^(please )?(tell me|give me|suggest|any (ideas?|suggestions?|tips))\b|^(por favor )?(dime|dame|sugiere\w*)\b|^(请|你)*(告诉我|给我|帮我)",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex QuestionForm();

    [GeneratedRegex(
        @"^(well |um |uh |honestly |sorry |really |ok |no |and |but |so )*"
        + @"(i (really |honestly |still |just )*(don'?t|do not) (know|want|care|have|feel|think|understand|see|get|believe)|i (can'?t|cannot|can not|won'?t|will not|couldn'?t)\b|idk\b|dunno|no idea|no clue|not sure|unsure|i'?m not sure|i am not sure|i have no|i'?ve no|nothing\b|none\b|never ?mind|not (today|now|really|yet)\b|maybe later|later$|i give up|forget it|no thanks|i feel\b|i'?m (so |too |very |really )*(tired|scared|afraid|sad|anxious|lost|confused|overwhelmed|exhausted|stuck|worried|stressed)|i am (so |too |very |really )*(tired|scared|afraid|sad|anxious|lost|confused|overwhelmed|exhausted|stuck|worried|stressed)|it'?s (too|so|all|not)\b|it is (too|so|all|not)\b|this is (too|so|not)\b|(this|it|that) (won'?t|doesn'?t|does not|will not)\b|everything is\b|i hate\b|i need (more )?(time|help)|help( me)?$)"
        + @"|^(pues |bueno |la verdad |es que |y |pero |no |ay )*(no (lo )?(se|tengo|quiero|puedo|creo|entiendo|me apetece|estoy segur\w+|estoy list\w+|hay)\b|ni idea|nada\b|ninguna?\b|nose\b|tal vez luego|hoy no|ahora no|todavia no|aun no|luego$|mas tarde$|me rindo|olvidalo|me siento\b|estoy (muy |tan |demasiado |bastante )?(cansad|asustad|triste|ansios|perdid|confundid|agobiad|agotad|preocupad|estresad|bloquead)\w*|es (demasiado|muy)\b|todo es\b|necesito (mas )?(tiempo|ayuda)|ayuda(me)?$)"
        + @"|^(唉|哎|嗯|那|其实|我|真的|还|也|都|就|现在|但|但是|不过)*(不知道|不清楚|不确定|不晓得|没想好|没想法|没有想法|没主意|想不到|想不出|没有$|没什么|不想|不会$|不行|不能|做不到|没办法|没时间|算了|再说|以后再|改天|随便|无所谓|太累|好累|很累|太难|很难|觉得(很|太|好)|很(焦虑|难过|累|烦|害怕|迷茫|担心)|好(焦虑|难过|烦|害怕|迷茫)|需要(更多)?时间)",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Refusal();

    [GeneratedRegex(
        @"^(but |so |ok |y |pero |aunque )*(maybe|perhaps|i'?ll|i will|i could|i can\b|i might|i'?m going to|i am going to|i'?d|let me|let's|quiza|quizas|tal vez|a lo mejor|voy a|puedo|podria|intentare|probare|llamare|hare)\b|^(但是|但|不过|那|那么|我)*(也许|可能|或许|我会|会|可以|先|要不|打算|准备|试试|今天)",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex NewStart();

    [GeneratedRegex(
        @"^(ok(ay)?|yes|yeah|yep|no|nope|nah|sure|fine|thanks?( you)?( so much| a lot)?|thx|hi|hello|hey|maybe|perhaps|hmm+|hm|well|good|great|cool|right|bye|sorry|please|test|got it|i see|sounds good|agreed|done|so|and|but|lol|haha"
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
    private static partial Regex SmallTalk();
}
