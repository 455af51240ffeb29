using System.Buffers;
using System.Text;

namespace Solacore.Core.Safety.Phrases;

/// <summary>A word, a single Han character or an emoji, in plain form, with the place it was found in.</summary>
/// <param name="Text">Plain form, see <see cref="Fold"/>; apostrophes are dropped (<c>can't</c> is <c>cant</c>).</param>
/// <param name="Sentence">Number of the sentence; a phrase never runs over its end.</param>
/// <param name="Clause">Number of the part between commas, growing through the whole text.</param>
/// <param name="Quoted">Whether it stands between quotation marks.</param>
/// <param name="Glued">Whether only punctuation, no space, separates it from the word before (<c>su-icide</c>).</param>
internal readonly record struct Word(string Text, int Sentence, int Clause, bool Quoted, bool Glued);

/// <summary>Cuts text into words. Never throws; linear in the length of the text.</summary>
internal static class Reading
{
    private static readonly SearchValues<char> Apostrophes = SearchValues.Create("'\u2019\u2018\u02bc`\u00b4");
    private const string OpeningQuotes = "\u201c\u00ab\u300c\u300e\u300a\u201e";
    private const string ClosingQuotes = "\u201d\u00bb\u300d\u300f\u300b";

    // Letters written as signs count only in the middle of a word: "d!e", "su*cide", "m@tarme".
    private const string SignsInsideWords = "@$!*|";

    private static readonly string?[] Singles = new string?[char.MaxValue + 1];

    public static List<Word> Of(string text)
    {
        var plain = Fold.Plain(text);
        var words = new List<Word>(Ascii.IsValid(plain) ? plain.Length / 4 : plain.Length);
        int sentence = 0, clause = 0, wordsInSentence = 0;
        var quoted = false;
        var space = true;

        for (var i = 0; i < plain.Length;)
        {
            var c = plain[i];
            var length = WordLength(plain, i);
            if (length > 0)
            {
                var word = length == 1 ? Single(c) : plain.Substring(i, length);
                words.Add(new Word(length == 1 ? word : WithoutApostrophes(word), sentence, clause, quoted, Glued: !space && words.Count > 0));
                wordsInSentence++;
                i += length;
                space = false;
                continue;
            }

            if (char.IsWhiteSpace(c))
            {
                space = true;
            }

            if (EndsSentence(plain, i) && wordsInSentence > 1)
            {
                // "I. Want. To. Die." is one sentence: a full stop after a single word is emphasis.
                sentence++;
                wordsInSentence = 0;
            }

            if (EndsClause(c))
            {
                clause++;
            }

            quoted = QuotedAfter(c, quoted);
            i++;
        }

        return words;
    }

    // Chinese is all words of one character; each is made once.
    private static string Single(char c) => Singles[c] ??= c.ToString();

    private static int WordLength(string plain, int start)
    {
        if (Fold.IsHan(plain[start]))
        {
            return 1;
        }

        if (char.IsHighSurrogate(plain[start]) && start + 1 < plain.Length)
        {
            return 2;
        }

        if (!IsLetter(plain[start]))
        {
            return 0;
        }

        var end = start + 1;
        while (end < plain.Length && (IsLetter(plain[end]) || (IsInner(plain[end]) && end + 1 < plain.Length && IsLetter(plain[end + 1]))))
        {
            end++;
        }

        return end - start;
    }

    private static bool IsLetter(char c) => char.IsLetterOrDigit(c) && !Fold.IsHan(c);

    private static bool IsInner(char c) => Apostrophes.Contains(c) || SignsInsideWords.Contains(c);

    private static string WithoutApostrophes(string word) =>
        !word.AsSpan().ContainsAny(Apostrophes) ? word : string.Concat(word.Where(c => !Apostrophes.Contains(c)));

    private static bool EndsSentence(string plain, int i) => plain[i] switch
    {
        '\n' or '。' or '!' or '?' => true,
        '.' => (i == 0 || plain[i - 1] != '.') && (i + 1 == plain.Length || char.IsWhiteSpace(plain[i + 1]) || plain[i + 1] is '"' or ')'),
        _ => false,
    };

    private static bool EndsClause(char c) => c is ',' or ';' or ':' or '.' or '!' or '?' or '\n' or '。' or '、' or '(' or ')' or '—' or '–';

    private static bool QuotedAfter(char c, bool quoted) => c switch
    {
        '"' => !quoted,
        '\n' => false,
        _ when OpeningQuotes.Contains(c) => true,
        _ when ClosingQuotes.Contains(c) => false,
        _ => quoted,
    };
}
