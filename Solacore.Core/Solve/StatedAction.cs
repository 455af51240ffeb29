using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Words;

namespace Solacore.Core.Solve;

/// <summary>
/// Decides whether a message at step commit states something to do. A session must not end on "he hit me again": so the words
/// have to sound like a plan (<see cref="WordWeights"/>, learned from answers to the question just asked, "what will you do"), in the
/// whole message or in one of its sentences. Questions, small talk, a bare feeling and the bare pick of an option never do; a proposal
/// that is worded as a question ("What if I just text her?") is read as the statement in it.
/// </summary>
internal static partial class StatedAction
{
    internal const string Topic = "action";

    /// <summary>Log-odds from which on a message states an action. Below even chances: the question was just asked.</summary>
    internal const double Enough = -0.6;

    /// <summary>Log-odds from which on one sentence among others does.</summary>
    private const double EnoughAlone = 0;

    /// <summary>Reminders and lists show the action, so it stays short; in characters.</summary>
    private const int MaxLength = 500;

    private const int MinLetters = 3;

    /// <summary>Stands before the first word of a sentence: "call her" and "I had to call her" begin differently.</summary>
    private const string Beginning = "^";

    private static readonly WordWeights Weights = WordWeights.Load(Topic);

    /// <summary>The message as an action on one line, or null when it states none.</summary>
    public static string? In(string text)
    {
        var statements = Sentences(Wording.Plain(Wording.OneLine(text))).Where(IsStatement).ToList();
        return statements.Count > 0
            && (LogOdds(string.Join(' ', statements)) > Enough || statements.Exists(one => LogOdds(one) > EnoughAlone || Appointment().IsMatch(one)))
            ? Line(text)
            : null;
    }

    /// <summary>A message that states an action, as it is kept: on one line, and not longer than lists and reminders show.</summary>
    public static string Line(string text) => Wording.Cut(Wording.OneLine(text), MaxLength);

    internal static List<Word> Read(string text)
    {
        var words = Reading.Of(text);
        var marked = new List<Word>(words.Count + 1);
        for (var i = 0; i < words.Count; i++)
        {
            if (i == 0 || words[i].Sentence != words[i - 1].Sentence)
            {
                marked.Add(words[i] with { Text = Beginning });
            }

            marked.Add(words[i]);
        }

        return marked;
    }

    private static double LogOdds(string statement) => Weights.Score(Read(statement), []).LogOdds;

    /// <summary>Sentences with their closing mark, without the letter of an option in front; "I will call her, ok?" counts as the statement it is.</summary>
    private static IEnumerable<string> Sentences(string plain) =>
        SentenceEnd().Split(TagQuestion().Replace(OptionLetter().Replace(plain, ""), ".")).Select(sentence => Proposed(sentence.Trim())).Where(sentence => sentence.Length > 0);

    private static string Proposed(string sentence) => Proposal().Match(sentence) is { Success: true } proposal
        ? (proposal.Groups["who"].Success ? "i will " : "") + sentence[proposal.Length..].TrimEnd('?', '？', ' ')
        : sentence;

    private static bool IsStatement(string sentence) =>
        !QuestionForm().IsMatch(sentence)
        && !SmallTalk.Is(Bare(sentence))
        && !OptionChoice.IsPick(sentence)
        && !Feeling().IsMatch(Bare(sentence))
        && sentence.EnumerateRunes().Sum(rune => Han.Is(rune) ? 2 : Rune.IsLetter(rune) ? 1 : 0) >= MinLetters;

    private static string Bare(string sentence) => sentence.Trim('.', '!', '"', '“', '”', '«', '»', '¡', '。', '~', '-', ')', '(', '\'', ' ');

    // All patterns see lower case without accents and with plain apostrophes.
    [GeneratedRegex(@"^((option|opcion) |选项|方案)?[abc]\s*[:.)：、-]\s*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OptionLetter();

    [GeneratedRegex(@"(?<=[.!?;。！？；…])\s*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@",\s*(ok|okay|right|alright|yes|no|vale|verdad|si)\s*\?|[,，]\s*(好吗|可以吗|行吗|好吧|行不行)\s*[?？]?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TagQuestion();

    /// <summary>Without "just" and the like, "what if I …?" is as often a fear.</summary>
    [GeneratedRegex(
        @"^(and |so |or |but )*((what|how about) if (?<who>i) (just|simply|only|first|maybe) |(can|could) (?<who>i) (just|simply|only|first|maybe) )"
        + @"|^¿?\s*(y |o |pero )?si (yo )?(solo |mejor |primero |simplemente )?(?=(le|les|la|lo|los|las) \p{L}|(solo|mejor|primero|simplemente) |escribo|llamo|mando|hablo|empiezo|hago|salgo|pido)"
        + @"|^要不(然)?(?=我?(先|就|给|去))",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Proposal();

    /// <summary>What is to be done at which time, in a few words: "stop at 6pm", "tomorrow 7am: run".</summary>
    [GeneratedRegex(
        @"^\p{L}+( \p{L}+)? (at|by|before|after|from) [0-9]{1,2}([:.][0-9]{2})?( ?[ap]\.?m\.?)?[.!]*$"
        + @"|^(\p{L}+ )?(at )?[0-9]{1,2}([:.h][0-9]{2})?( ?([ap]\.?m\.?|h|点))?\s*[:,：，-]\s*\p{L}{2}",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Appointment();

    [GeneratedRegex(
        @"^((but|and|well|honestly|sorry|pero|pues),? )*(i'?m|i am|i feel|i'?m feeling|i get|it'?s|(yo )?(estoy|me siento|tengo|siento)) "
        + @"((so|very|really|just|too|still|all|a bit|a little|quite|muy|mucho|mucha|tan|un poco|demasiado|bastante) )*"
        + @"(scared|afraid|frightened|terrified|anxious|worried|nervous|stressed|overwhelmed|panicking|sad|down|depressed|lonely|alone|lost|confused|angry|mad|furious|upset|ashamed|embarrassed|hurt|tired|exhausted|bored|stuck|happy|relieved|ok|okay|fine|better|bad|awful|terrible"
        + @"|miedo|susto|asustad[oa]|ansios[oa]|ansiedad|preocupad[oa]|nervios[oa]|estresad[oa]|agobiad[oa]|triste|deprimid[oa]|sol[oa]|perdid[oa]|confundid[oa]|enfadad[oa]|enojad[oa]|furios[oa]|verguenza|cansad[oa]|agotad[oa]|aburrid[oa]|bloquead[oa]|feliz|content[oa]|mejor|mal)"
        + @"( (now|today|right now|about (it|this)|of (it|this|him|her|them)|ahora|hoy))*$"
        + @"|^我?(现在|真的|还是|有点|有些|很|好|太|非常|特别|感到|觉得)*(害怕|怕|焦虑|担心|紧张|难过|伤心|沮丧|孤独|迷茫|生气|累|疲惫|烦|无聊|开心|羞愧)(了|啊|呢|极了)*$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Feeling();

    [GeneratedRegex(
        @"[?？]$|^¿|(吗|呢|么|嘛)[。.!！]*$|^(怎么|如何|什么|为什么|哪|是不是|能不能|该不该)"
        + @"|^(what (should|can|could|do|would|else|is|are|if)|how (do|can|should|could|would|is|about)|why|which (one|of|option|should)|should i|can i|could i|do i|is it|is there|can you|could you|would you)\b"
        + @"|^(que (debo|deberia|puedo|hago|podria|tengo)|como (puedo|lo|hago|debo|deberia|podria)|por que|cual|cuando (debo|deberia|puedo)|deberia|puedes|podrias)\b"
        + @"|(该|要|能|可以)怎么|怎么办|做什么好|该做什么"
        // Requests to the assistant ask as well.
        + @"|^(and )?now what$|^(please )?(tell me|give me|suggest|repeat|say (that|it) again|any (ideas?|suggestions?|tips)|(another|other|new) topic)\b"
        + @"|^(por favor )?(dime|dame|sugiere\w*|repite(lo|me|melo)?|(cambiemos de |otro )tema)\b|^(请|你)*(告诉我|给我|帮我|再说一遍|再讲一遍|换个话题|举个例子)",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex QuestionForm();
}
