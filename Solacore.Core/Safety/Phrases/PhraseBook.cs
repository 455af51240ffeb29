using System.Collections.Frozen;

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
/// All phrases of one topic in all languages, looked up by their first word. People mix languages, so the
/// language of a text is never guessed: it is the language of the phrase that was found.
/// </summary>
internal sealed class PhraseBook
{
    /// <summary>"ignoring" is a form of "ignor*", "ignoratusreglas" is not.</summary>
    private const int LongestEnding = 5;

    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _symbols;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _prefixes;
    private readonly int _shortestPrefix;
    private readonly int[][] _alone;
    private readonly List<Phrase> _phrases;
    private readonly int[][] _byFirstSymbol;

    // For each word the phrases (by place in _phrases) whose rarest need it meets: a phrase is tried only in a sentence that holds such a word.
    private readonly int[][] _wokenBy;
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

        _phrases = phrases;
        _byFirstSymbol = Index(phrases, phrase => phrase.FirstSymbols(), symbols.Count);
        var uses = Index(phrases, phrase => phrase.Needs().SelectMany(need => need), symbols.Count);
        _wokenBy = Index(phrases, phrase => phrase.Needs().MinBy(need => need.Sum(symbol => uses[symbol].Length)) ?? phrase.FirstSymbols(), symbols.Count);
    }

    /// <summary>For each symbol the places of the phrases that it belongs to.</summary>
    private static int[][] Index(List<Phrase> phrases, Func<Phrase, IEnumerable<int>> symbolsOf, int symbols)
    {
        var places = Enumerable.Range(0, phrases.Count).SelectMany(place => symbolsOf(phrases[place]).Distinct().Select(symbol => (symbol, place)))
            .ToLookup(pair => pair.symbol, pair => pair.place);
        return [.. Enumerable.Range(0, symbols).Select(symbol => places[symbol].ToArray())];
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
                else
                {
                    phrases.AddRange(parser.Line(line, language));
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
        var symbols = words.ConvertAll(word => Symbols(word.Text));
        var matches = new List<PhraseMatch>();
        var wokenIn = new int[_phrases.Count];
        for (int start = 0, awake = 0; start < words.Count; start++)
        {
            var sentence = words[start].Sentence + 1;
            for (; awake < words.Count && words[awake].Sentence < sentence; awake++)
            {
                foreach (var symbol in symbols[awake])
                {
                    foreach (var phrase in _wokenBy[symbol])
                    {
                        wokenIn[phrase] = sentence;
                    }
                }
            }

            foreach (var symbol in symbols[start])
            {
                foreach (var phrase in _byFirstSymbol[symbol])
                {
                    if (wokenIn[phrase] == sentence && _phrases[phrase].EndAt(words, symbols, start) is var end && end > start && !HoldsAlternative(matches, _phrases[phrase], start))
                    {
                        matches.Add(new PhraseMatch(_phrases[phrase], start, end));
                    }
                }
            }
        }

        return new Findings(words, matches);
    }

    private static bool HoldsAlternative(List<PhraseMatch> matches, Phrase phrase, int start)
    {
        for (var i = matches.Count - 1; i >= 0 && matches[i].Start == start; i--)
        {
            if (matches[i].Phrase.Line == phrase.Line && matches[i].Phrase.Language == phrase.Language)
            {
                return true;
            }
        }

        return false;
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
        var alone = _symbols.TryGetValue(word, out var exact) ? _alone[exact] : [];
        if (Fold.IsHan(word[0]))
        {
            return alone;
        }

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
