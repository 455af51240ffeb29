using System.Collections.Frozen;
using System.Globalization;
using Solacore.Core.Safety.Phrases;

namespace Solacore.Core.Safety;

/// <summary>
/// How much a text sounds like what a detector looks for, beyond the phrases that anybody thought of: the sum of the weights
/// of its words, of its runs of two and three words (characters, in Chinese) within a sentence, and of what the phrases say
/// (<c>@label</c>). The weights (files <c>Words/*-weights.*.txt</c>) are those of a logistic regression over labelled
/// sentences; <c>bench/run learn</c> makes them.
/// </summary>
internal sealed class WordWeights
{
    /// <summary>After the topic in the names of the files.</summary>
    public const string FileSuffix = "-weights";

    /// <summary>Longest run of words that has a weight.</summary>
    public const int LongestRun = 3;

    /// <summary>A long text is judged by its parts of so many words, each half over the one before.</summary>
    public const int WordsAtOnce = 80;

    /// <summary>What stands for the label of a phrase among the words.</summary>
    public const char LabelMark = '@';

    /// <summary>Name of the weight that every text has.</summary>
    public const string Bias = "*";

    /// <summary>In place of a language in the name of the file for what belongs to none.</summary>
    public const string NoLanguage = "any";

    private const int BitsPerBlock = 64;

    // Hardly any run has a weight. One bit of each key's first so many says so without a walk through memory that no cache holds.
    private const int FilterBits = 20;

    private readonly FrozenDictionary<ulong, int> _numbers;
    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / BitsPerBlock];
    private readonly float[] _weights;
    private readonly string[] _languages;
    private readonly double _bias;

    private WordWeights(List<(ulong Key, float Weight, string Language)> entries, double bias)
    {
        _numbers = entries.Select((entry, number) => KeyValuePair.Create(entry.Key, number)).ToFrozenDictionary();
        _weights = [.. entries.Select(entry => entry.Weight)];
        _languages = [.. entries.Select(entry => entry.Language)];
        _bias = bias;
        foreach (var (key, _, _) in entries)
        {
            _filter[Place(key) / BitsPerBlock] |= 1UL << (Place(key) % BitsPerBlock);
        }
    }

    /// <param name="topic">What the detector looks for, as in the names of the files.</param>
    /// <exception cref="FormatException">A line of a file is not <c>words weight</c>.</exception>
    public static WordWeights Load(string topic)
    {
        var entries = new List<(ulong, float, string)>();
        var bias = 0.0;
        foreach (var (name, language) in WordFile.Of(topic + FileSuffix, ".txt"))
        {
            foreach (var line in WordFile.Read(name))
            {
                var space = line.LastIndexOf(' ');
                var weight = float.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture);
                if (line[..space] == Bias)
                {
                    bias = weight;
                }
                else
                {
                    entries.Add((line[..space].Split(' ').Aggregate(Start, Continue), weight, language));
                }
            }
        }

        return new WordWeights(entries, bias);
    }

    /// <summary>The runs of words that may have a weight.</summary>
    public static IEnumerable<(int Start, int Length)> Runs(List<Word> words)
    {
        for (var start = 0; start < words.Count; start++)
        {
            for (var length = 1; length <= LongestRun && start + length <= words.Count && words[start + length - 1].Sentence == words[start].Sentence; length++)
            {
                yield return (start, length);
            }
        }
    }

    /// <summary>The log-odds of the part of the text that sounds most like the topic, and the language that says most of it.</summary>
    /// <param name="words">The text.</param>
    /// <param name="said">What the phrases say in it, by its place.</param>
    public (double LogOdds, string Language) Score(List<Word> words, List<PhraseMatch> said)
    {
        var found = Find(words, said);
        var seen = new HashSet<int>();
        var best = (LogOdds: double.NegativeInfinity, First: 0, Count: 0);
        var first = 0;
        for (var from = 0; from == 0 || from + (WordsAtOnce / 2) < words.Count; from += WordsAtOnce / 2)
        {
            while (first < found.Count && found[first].Start < from)
            {
                first++;
            }

            seen.Clear();
            var sum = _bias;
            var next = first;
            for (; next < found.Count && found[next].Start < from + WordsAtOnce; next++)
            {
                if (seen.Add(found[next].Number))
                {
                    sum += _weights[found[next].Number];
                }
            }

            best = sum > best.LogOdds ? (sum, first, next - first) : best;
        }

        var language = found.GetRange(best.First, best.Count)
            .Where(f => _languages[f.Number] != NoLanguage)
            .GroupBy(f => _languages[f.Number], StringComparer.Ordinal)
            .MaxBy(own => own.Sum(f => _weights[f.Number]));
        return (best.LogOdds, language?.Key ?? "en");
    }

    /// <summary>Everything in the text that has a weight, by its place.</summary>
    private List<(int Number, int Start)> Find(List<Word> words, List<PhraseMatch> said)
    {
        var found = new List<(int Number, int Start)>();
        var next = 0;
        var key = Start;
        foreach (var (start, length) in Runs(words))
        {
            for (; next < said.Count && said[next].Start <= start; next++)
            {
                Add(Continue(Start, LabelMark + said[next].Phrase.Label), start);
            }

            // The runs from one word come one after the other, each a word longer.
            key = Continue(length == 1 ? Start : key, words[start + length - 1].Text);
            Add(key, start);
        }

        return found;

        void Add(ulong key, int start)
        {
            if ((_filter[Place(key) / BitsPerBlock] >> (Place(key) % BitsPerBlock) & 1) != 0 && _numbers.TryGetValue(key, out var number))
            {
                found.Add((number, start));
            }
        }
    }

    private static int Place(ulong key) => (int)(key >> (BitsPerBlock - FilterBits));

    // FNV-1a over the words, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv; a space ends each.
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private static ulong Continue(ulong key, string word)
    {
        foreach (var c in word)
        {
            key = (key ^ c) * Prime;
        }

        return (key ^ ' ') * Prime;
    }
}
