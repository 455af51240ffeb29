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
        + @"|^.*\p{IsCJKUnifiedIdeographs}.*([?]|[吗呢]|怎么办)[?。.！!]*\s*$",
        Options);

    private static readonly Regex WhoIsThere = new(
        @"\b(are you|is this|is it|you're|am i (talking|speaking|chatting|writing) (to|with))\b.*\b(human|real|person|somebody|someone|bot|chatbot|robot|ai|a\.i\.|machine|computer|program)\b"
        + @"|\b(eres|es esto|estoy (hablando|escribiendo) con|hablo con)\b.*\b(human[oa]|real|persona|alguien|bot|robot|ia|maquina|ordenador|programa)\b"
        + @"|(你|您|对面|这).*(真人|是人|活人|人类|机器|ai|人工智能|程序)",
        Options);

    /// <summary>True when every sentence is a question, or says no more than "I don't know".</summary>
    public static bool Is(string text)
    {
        var sentences = Sentence.Matches(Wording.Plain(text)).Select(sentence => sentence.Value).ToList();
        return sentences.Exists(Question.IsMatch) && sentences.TrueForAll(sentence => Question.IsMatch(sentence) || NoAnswer.Is(sentence));
    }

    /// <summary>True for "are you a human?".</summary>
    public static bool AsksWhoIsThere(string text) => WhoIsThere.IsMatch(Wording.Plain(text));
}
