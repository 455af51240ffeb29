using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
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

    // Many runs have no weight. One bit of each key's first so many says so without a walk through memory that no cache holds.
    private const int FilterBits = 20;

    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / BitsPerBlock];

    // A hash table with linear probing, less than half full: numbers of entries, counted from one; 0 where there is none.
    private readonly int _slotBits;
    private readonly int[] _slots;
    private readonly ulong[] _keys;
    private readonly float[] _weights;
    private readonly string[] _languages;
    private readonly double _bias;

    private WordWeights(List<(ulong Key, float Weight, string Language)> entries, double bias)
    {
        _slotBits = BitOperations.Log2((uint)entries.Count) + 2;
        _slots = new int[1 << _slotBits];
        _keys = [.. entries.Select(entry => entry.Key)];
        _weights = [.. entries.Select(entry => entry.Weight)];
        _languages = [.. entries.Select(entry => entry.Language)];
        _bias = bias;
        for (var number = 0; number < _keys.Length; number++)
        {
            var key = _keys[number];
            _filter[Place(key) / BitsPerBlock] |= 1UL << (Place(key) % BitsPerBlock);
            _slots[Slot(key)] = number + 1;
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

    /// <summary>How many runs of words from this one on may have a weight; each is a word longer, none leaves the sentence.</summary>
    public static int RunsFrom(ReadOnlySpan<Word> words, int start)
    {
        var most = Math.Min(LongestRun, words.Length - start);
        var length = 1;
        while (length < most && words[start + length].Sentence == words[start].Sentence)
        {
            length++;
        }

        return length;
    }

    /// <summary>The log-odds of the part of the text that sounds most like the topic, and the language that says most of it.</summary>
    /// <param name="words">The text.</param>
    /// <param name="said">What the phrases say in it, by its place.</param>
    public (double LogOdds, string Language) Score(List<Word> words, List<PhraseMatch> said)
    {
        var found = Find(words, said);
        var seen = new BitArray(_weights.Length);
        var best = (LogOdds: double.NegativeInfinity, First: 0, Count: 0);
        var first = 0;
        for (var from = 0; from == 0 || from + (WordsAtOnce / 2) < words.Count; from += WordsAtOnce / 2)
        {
            while (first < found.Count && found[first].Start < from)
            {
                first++;
            }

            seen.SetAll(false);
            var sum = _bias;
            var next = first;
            for (; next < found.Count && found[next].Start < from + WordsAtOnce; next++)
            {
                var number = found[next].Number;
                if (!seen[number])
                {
                    seen[number] = true;
                    sum += _weights[number];
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
        var found = new List<(int Number, int Start)>(words.Count);
        var text = CollectionsMarshal.AsSpan(words);
        var next = 0;
        for (var start = 0; start < text.Length; start++)
        {
            for (; next < said.Count && said[next].Start <= start; next++)
            {
                Add(Continue(Start, LabelMark + said[next].Phrase.Label), start);
            }

            var key = Start;
            foreach (var word in text.Slice(start, RunsFrom(text, start)))
            {
                key = Continue(key, word.Text);
                Add(key, start);
            }
        }

        return found;

        void Add(ulong key, int start)
        {
            if ((_filter[Place(key) / BitsPerBlock] >> (Place(key) % BitsPerBlock) & 1) != 0 && _slots[Slot(key)] is > 0 and var number)
            {
                found.Add((number - 1, start));
            }
        }
    }

    /// <summary>Where the entry of the key is, or the free slot where it would be.</summary>
    private int Slot(ulong key)
    {
        var slot = (int)(key >> (BitsPerBlock - _slotBits));
        while (_slots[slot] > 0 && _keys[_slots[slot] - 1] != key)
        {
            slot = (slot + 1) % _slots.Length;
        }

        return slot;
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
