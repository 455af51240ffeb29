using System.Collections.Frozen;
using System.Numerics;

namespace Solacore.Core.Safety.Phrases;

/// <summary>A phrase found in a text: words <paramref name="Start"/> to <paramref name="End"/> (exclusive).</summary>
internal readonly record struct PhraseMatch(Phrase Phrase, int Start, int End);

/// <summary>A text as words, and every phrase of the book that occurs in it, by start.</summary>
internal sealed record Findings(List<Word> Words, List<PhraseMatch> Matches)
{
    public IEnumerable<PhraseMatch> Of(string label) => Matches.Where(match => match.Phrase.Label == label);

    /// <summary>For each word, whether it lies inside a match of the label.</summary>
    public bool[] CoveredBy(string label) => CoveredBy(other => other == label);

    /// <summary>For each word, whether it lies inside a match of one of the labels.</summary>
    public bool[] CoveredBy(Func<string, bool> isWanted)
    {
        var covered = new bool[Words.Count];
        foreach (var match in Matches)
        {
            if (isWanted(match.Phrase.Label))
            {
                covered.AsSpan(match.Start, match.End - match.Start).Fill(true);
            }
        }

        return covered;
    }
}

/// <summary>
/// All phrases of one topic in all languages, looked up by their first words. People mix languages, so the
/// language of a text is never guessed: it is the language of the phrase that was found.
/// </summary>
internal sealed class PhraseBook
{
    /// <summary>"ignoring" is a form of "ignor*", "ignoratusreglas" is not.</summary>
    private const int LongestEnding = 5;

    private const int BitsPerBlock = 64;

    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _symbols;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly int _shortestPrefix;
    private readonly int[][] _alone;
    private readonly int[][] _ofHan = new int[Fold.LastHan - Fold.FirstHan + 1][];
    private readonly int? _end;
    private readonly (Phrase[] Phrases, CandidateTable Candidates)[] _languages;
    private readonly Spelling _spelling;

    private PhraseBook(Dictionary<string, int> symbols, List<Phrase> phrases, IReadOnlyCollection<string> guarded)
    {
        _symbols = symbols.Where(symbol => !symbol.Key.EndsWith('*')).ToFrozenDictionary(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        var prefixes = symbols.Where(symbol => symbol.Key.EndsWith('*')).ToFrozenDictionary(symbol => symbol.Key[..^1], symbol => symbol.Value, StringComparer.Ordinal);
        _prefixes = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _shortestPrefix = prefixes.Keys.Select(prefix => prefix.Length).DefaultIfEmpty(int.MaxValue).Min();
        _alone = [.. Enumerable.Range(0, symbols.Values.Max() + 1).Select(symbol => new[] { symbol })];
        _spelling = new Spelling(IsKnown, word => _symbols.ContainsKey(word), guarded);

        for (var c = Fold.FirstHan; c <= Fold.LastHan; c++)
        {
            _ofHan[c - Fold.FirstHan] = _symbols.TryGetValue([c], out var symbol) ? _alone[symbol] : [];
        }

        _end = symbols.TryGetValue(PhraseParser.End, out var ending) ? ending : null;
        _languages = [.. phrases.GroupBy(phrase => phrase.Language, StringComparer.Ordinal)
            .Select(own => own.ToArray())
            .Select(own => (own, new CandidateTable(own, _alone.Length)))];
    }

    /// <summary>Reads the files <c>topic.language.txt</c>.</summary>
    /// <exception cref="FormatException">A line of a file cannot be read; the message quotes it.</exception>
    public static PhraseBook Load(string topic)
    {
        var symbols = new Dictionary<string, int>(StringComparer.Ordinal);
        var phrases = new List<Phrase>();
        var guarded = new List<string>();
        var aliases = new List<(string Alias, string Word)>();
        foreach (var (name, language) in WordFile.Of(topic, ".txt"))
        {
            var parser = new PhraseParser(symbols);
            foreach (var line in WordFile.Read(name))
            {
                if (line.StartsWith("guard:", StringComparison.Ordinal))
                {
                    guarded.AddRange(line["guard:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
                }
                else if (line.StartsWith("alias:", StringComparison.Ordinal))
                {
                    var words = line["alias:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    aliases.AddRange(words[1..].Select(alias => (Fold.Plain(alias), Fold.Plain(words[0]))));
                }
                else if (parser.Line(line, language) is { } phrase)
                {
                    phrases.Add(phrase);
                }
            }
        }

        foreach (var (alias, word) in aliases)
        {
            if (symbols.TryGetValue(word, out var symbol))
            {
                symbols.TryAdd(alias, symbol);
            }
        }

        return new PhraseBook(symbols, phrases, guarded);
    }

    public Findings Find(string text)
    {
        var words = _spelling.Repair(Reading.Of(text));
        var symbols = new int[words.Count][];
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i] = Symbols(words[i].Text);
            if (_end is { } end && EndsPart(words, i))
            {
                symbols[i] = [.. symbols[i], end];
            }
        }

        var matches = new List<PhraseMatch>();
        var endings = Array.ConvertAll(_languages, language => new ulong[language.Candidates.Blocks]);
        var isSpoken = new bool[_languages.Length];
        var limit = 0;
        for (var start = 0; start < symbols.Length; start++)
        {
            if (symbols[start].Length == 0)
            {
                continue;
            }

            if (start >= limit)
            {
                limit = EndOfSentence(words, start);
                for (var i = 0; i < _languages.Length; i++)
                {
                    isSpoken[i] = _languages[i].Candidates.FindEndings(symbols.AsSpan(start, limit - start), endings[i]);
                }
            }

            for (var i = 0; i < _languages.Length; i++)
            {
                if (isSpoken[i])
                {
                    Match(_languages[i], endings[i], symbols, start, limit, matches);
                }
            }
        }

        return new Findings(words, matches);
    }

    /// <summary>Adds the phrases of a language that begin with the word.</summary>
    private static void Match(
        (Phrase[] Phrases, CandidateTable Candidates) language, ReadOnlySpan<ulong> endings, int[][] symbols, int start, int limit, List<PhraseMatch> matches)
    {
        Span<ulong> candidates = stackalloc ulong[endings.Length];
        language.Candidates.FindBeginnings(symbols.AsSpan(start, limit - start), candidates);
        for (var block = 0; block < candidates.Length; block++)
        {
            for (var left = candidates[block] & endings[block]; left != 0; left &= left - 1)
            {
                var phrase = language.Phrases[(block * BitsPerBlock) + BitOperations.TrailingZeroCount(left)];
                var end = phrase.EndAt(symbols, start, limit);
                if (end > start)
                {
                    matches.Add(new PhraseMatch(phrase, start, end));
                }
            }
        }
    }

    private static bool EndsPart(List<Word> words, int i) =>
        i + 1 == words.Count || words[i + 1].Clause != words[i].Clause || !char.IsLetterOrDigit(words[i + 1].Text[0]);

    private static int EndOfSentence(List<Word> words, int start)
    {
        var end = start + 1;
        while (end < words.Count && words[end].Sentence == words[start].Sentence)
        {
            end++;
        }

        return end;
    }

    private bool IsKnown(string word)
    {
        if (_symbols.ContainsKey(word))
        {
            return true;
        }

        for (var length = Math.Max(_shortestPrefix, word.Length - LongestEnding); length <= word.Length; length++)
        {
            if (_prefixes.ContainsKey(word.AsSpan(0, length)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The entries of the table that a word answers to: itself and every listed beginning of it.</summary>
    private int[] Symbols(string word)
    {
        if (Fold.IsHan(word[0]))
        {
            return _ofHan[word[0] - Fold.FirstHan];
        }

        var alone = _symbols.TryGetValue(word, out var exact) ? _alone[exact] : [];
        Span<int> found = stackalloc int[8];
        var count = 0;
        for (var length = _shortestPrefix; length <= word.Length && count < found.Length; length++)
        {
            if (_prefixes.TryGetValue(word.AsSpan(0, length), out var prefix))
            {
                found[count++] = prefix;
            }
        }

        return count == 0 ? alone : [.. alone, .. found[..count]];
    }
}
