using System.Buffers;
using System.Text;
using Solacore.Core.Language;

namespace Solacore.Core.Words;

/// <summary>
/// A word, a single Han character or an emoji, in plain form, with the place it was found in. Sixteen bytes: a text of 4,000
/// Chinese characters is an ordinary object to the collector.
/// </summary>
internal readonly record struct Word
{
    private const int QuotedMark = 1;
    private const int GluedMark = 2;
    private const int MarkBits = 2;

    private readonly int _clauseAndMarks;

    public Word(string text, int sentence, int clause, bool quoted, bool glued)
    {
        Text = text;
        Sentence = sentence;
        _clauseAndMarks = (clause << MarkBits) | (quoted ? QuotedMark : 0) | (glued ? GluedMark : 0);
    }

    /// <summary>Plain form, see <see cref="Fold"/>; apostrophes are dropped (<c>can't</c> is <c>cant</c>).</summary>
    public string Text { get; init; }

    /// <summary>Number of the sentence; a phrase never runs over its end.</summary>
    public int Sentence { get; }

    /// <summary>Number of the part between commas, growing through the whole text.</summary>
    public int Clause => _clauseAndMarks >> MarkBits;

    /// <summary>Whether it stands between quotation marks.</summary>
    public bool Quoted => (_clauseAndMarks & QuotedMark) != 0;

    /// <summary>Whether only punctuation, no space, separates it from the word before (<c>su-icide</c>).</summary>
    public bool Glued => (_clauseAndMarks & GluedMark) != 0;
}

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
                words.Add(new Word(length == 1 ? word : WithoutApostrophes(word), sentence, clause, quoted, glued: !space && words.Count > 0));
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
        if (Han.Is(plain[start]))
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

    private static bool IsLetter(char c) => char.IsLetterOrDigit(c) && !Han.Is(c);

    private static bool IsInner(char c) => Apostrophes.Contains(c) || SignsInsideWords.Contains(c);

    private static string WithoutApostrophes(string word) =>
        !word.AsSpan().ContainsAny(Apostrophes) ? word : string.Concat(word.Where(c => !Apostrophes.Contains(c)));

    private static bool EndsSentence(string plain, int i) => plain[i] switch
    {
        '。' or '!' or '?' => true,
        '\n' => EndsParagraph(plain, i),
        '.' => (i == 0 || plain[i - 1] != '.') && (i + 1 == plain.Length || char.IsWhiteSpace(plain[i + 1]) || plain[i + 1] is '"' or ')'),
        _ => false,
    };

    /// <summary>Whether a blank line follows: a single break may stand anywhere in a sentence, as "I want to\ndie" does.</summary>
    private static bool EndsParagraph(string plain, int lineBreak)
    {
        var next = lineBreak + 1;
        while (next < plain.Length && plain[next] != '\n' && char.IsWhiteSpace(plain[next]))
        {
            next++;
        }

        return next < plain.Length && plain[next] == '\n';
    }

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
