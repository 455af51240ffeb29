using System.Buffers;
using System.Collections.Frozen;
using Solacore.Core.Language;

namespace Solacore.Core.Words;

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

    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _symbols;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly int _shortestPrefix;
    private readonly WordSymbols[] _alone;
    private readonly WordSymbols[] _ofHan = new WordSymbols[Han.Last - Han.First + 1];
    private readonly int? _end;
    private readonly CandidateTable _candidates;
    private readonly Spelling _spelling;

    private PhraseBook(Dictionary<string, int> symbols, List<Phrase> phrases, IReadOnlyCollection<string> guarded)
    {
        _symbols = symbols.Where(symbol => !symbol.Key.EndsWith('*')).ToFrozenDictionary(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        var prefixes = symbols.Where(symbol => symbol.Key.EndsWith('*')).ToFrozenDictionary(symbol => symbol.Key[..^1], symbol => symbol.Value, StringComparer.Ordinal);
        _prefixes = prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        _shortestPrefix = prefixes.Keys.Select(prefix => prefix.Length).DefaultIfEmpty(int.MaxValue).Min();
        _alone = [.. Enumerable.Range(0, symbols.Values.Max() + 1).Select(symbol => new WordSymbols([symbol]))];
        _spelling = new Spelling(IsKnown, word => _symbols.ContainsKey(word), guarded);

        for (var c = Han.First; c <= Han.Last; c++)
        {
            _ofHan[c - Han.First] = _symbols.TryGetValue([c], out var symbol) ? _alone[symbol] : default;
        }

        _end = symbols.TryGetValue(PhraseParser.End, out var ending) ? ending : null;
        _candidates = new CandidateTable(phrases, _alone.Length);
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
        var rented = ArrayPool<WordSymbols>.Shared.Rent(words.Count);
        var symbols = rented.AsSpan(0, words.Count);
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i] = _end is { } end && EndsPart(words, i) ? Symbols(words[i].Text).With(end) : Symbols(words[i].Text);
        }

        var matches = new List<PhraseMatch>();
        var candidates = new List<int>();
        var limit = 0;
        for (var start = 0; start < symbols.Length; start++)
        {
            limit = start < limit ? limit : EndOfSentence(words, start);
            candidates.Clear();
            _candidates.Find(symbols[start..limit], candidates);
            var (last, matched) = (-1, default(Phrase));
            foreach (var number in candidates)
            {
                var (phrase, rest, length) = _candidates[number];
                if (number == last || phrase == matched)
                {
                    continue;
                }

                last = number;
                if (phrase.EndFrom(symbols[..limit], rest, start + length) is >= 0 and var end)
                {
                    matches.Add(new PhraseMatch(phrase, start, end));
                    matched = phrase;
                }
            }
        }

        ArrayPool<WordSymbols>.Shared.Return(rented);
        return new Findings(words, matches);
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

    private WordSymbols Symbols(string word)
    {
        if (Han.Is(word[0]))
        {
            return _ofHan[word[0] - Han.First];
        }

        var alone = _symbols.TryGetValue(word, out var exact) ? _alone[exact] : default;
        Span<int> found = stackalloc int[8];
        var count = 0;
        for (var length = _shortestPrefix; length <= word.Length && count < found.Length; length++)
        {
            if (_prefixes.TryGetValue(word.AsSpan(0, length), out var prefix))
            {
                found[count++] = prefix;
            }
        }

        return count == 0 ? alone : new WordSymbols([.. alone.All, .. found[..count]]);
    }
}
