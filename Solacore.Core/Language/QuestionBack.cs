using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>
/// Recognises a message that asks instead of answering: "what would you do?", "¿qué hago?", "你觉得呢？". The coach says
/// honestly that it cannot decide, and does not quote the question as a goal or an obstacle.
/// </summary>
internal static class QuestionBack
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex Sentence = new(@"[^.!?…。！？]+[.!?…。！？]*", Options);

    // Lower case without accents.
    private static readonly Regex Question = new(
        @"^\s*((so|and|but|well|ok|then|hey|please),? )*((what|how|why|when|where|who|which|should|can|could|would|will|do|does|did|am|is|are|may|isn't|aren't|don't)\b.*\?|tell me what\b.*|(what|where|how|why) (should|would|do|can|could) (i|you)\b.*)\s*$"
        + @"|^\s*((y|pero|pues|bueno|entonces),? )*(¿.*\?|(que|como|por que|cuando|donde|quien|cual|deberia|debo|puedo|puedes|eres|crees|es|hay|tengo)\b.*\?|(que (hago|debo|harias)|dime que)\b.*)\s*$"
        + @"|^.*\p{IsCJKUnifiedIdeographs}.*([?]|[吗呢]|怎么办)[?。.！!]*\s*$"
        // Who wants the coach's opinion asks for it.
        + @"|^\s*((so|and|but|well|ok|then|no),? )*(i|i'd) (just |only |really |would )?(want|need|like) (to (hear|know) )?your (honest |own )?(opinion|advice|view|answer)( (on|about) (it|this|that))?[.!]*\s*$"
        + @"|^\s*((y|pero|pues|no),? )*(solo )?(quiero|necesito|dame) (saber |oir )?tu (opinion|consejo|respuesta)[.!]*\s*$"
        + @"|^\s*我?(只|就|是)*(想|要|需要)(听听?|知道|要)?(一下)?你的?(意见|看法|建议|想法|答案)[。.！!]*\s*$",
        Options);

    /// <summary>What is said about the coach beside a question to it.</summary>
    private static readonly Regex Remark = new(
        @"^\s*(((ha)+|lol|hehe|(ja)+|wow|man),? )*(you're|you are|this is|that's|eres|esto es|que) (so |really |very |such |muy |tan )?(a )?(boring|useless|stupid|dumb|annoying|funny|weird|silly|bot|aburrid[oa]|inutil|tont[oa]|pesad[oa]|rar[oa])( (bot|robot|thing))?[.!…]*\s*$"
        + @"|^\s*(哈+,?)?你(真|太|好|很|怎么这么)*(无聊|没用|笨|烦|没意思|奇怪)(了|啊|呀)*[。.！!]*\s*$",
        Options);

    private static readonly Regex WhoIsThere = new(
        @"\b(are you|is this|is it|you're|am i (talking|speaking|chatting|writing) (to|with))\b.*\b(human|real|person|somebody|someone|bot|chatbot|robot|ai|a\.i\.|machine|computer|program)\b"
        + @"|\b(eres|es esto|estoy (hablando|escribiendo) con|hablo con)\b.*\b(human[oa]|real|persona|alguien|bot|robot|ia|maquina|ordenador|programa)\b"
        + @"|(你|您|对面|这).*(真人|是人|活人|人类|机器|ai|人工智能|程序)",
        Options);

    /// <summary>True when every sentence is a question, or says no more than "I don't know" or "you're boring".</summary>
    public static bool Is(string text)
    {
        var sentences = Sentence.Matches(Wording.Plain(text)).Select(sentence => sentence.Value).ToList();
        return sentences.Exists(Question.IsMatch) && sentences.TrueForAll(sentence => Question.IsMatch(sentence) || Remark.IsMatch(sentence) || NoAnswer.Is(sentence));
    }

    /// <summary>True for "are you a human?".</summary>
    public static bool AsksWhoIsThere(string text) => WhoIsThere.IsMatch(Wording.Plain(text));
}
