using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Solacore.Core.Words;

/// <summary>
/// How much a text sounds like what a detector looks for, beyond the phrases that anybody thought of: the sum of the weights
/// of its words, of its runs of two and three words (characters, in Chinese) within a sentence, of the beginnings of longer words
/// (<c>suic*</c>), and of what the phrases say (<c>@label</c>). The weights (files <c>Words/*-weights.*.txt</c>) are those of a
/// logistic regression over labelled sentences, one for each class of the detector; <c>bench/run learn</c> makes them.
/// </summary>
internal sealed class WordWeights
{
    /// <summary>After the topic in the names of the files.</summary>
    public const string FileSuffix = "-weights";

    /// <summary>What has fewer words has no rest that could speak against a phrase.</summary>
    public const int WordsToDoubt = 8;

    /// <summary>So many words before and after a phrase may speak against it.</summary>
    private const int DoubtReach = 12;

    /// <summary>Longest run of words that has a weight.</summary>
    private const int LongestRun = 3;

    /// <summary>A long text is judged by its parts of so many words, each half over the one before.</summary>
    private const int WordsAtOnce = 80;

    /// <summary>Stands after the beginning of a word.</summary>
    private const char BeginningMark = '*';

    /// <summary>What stands for the label of a phrase among the words.</summary>
    public const char LabelMark = '@';

    /// <summary>Name of the weight that every text has.</summary>
    public const string Bias = "*";

    /// <summary>In place of a language in the name of the file for what belongs to none.</summary>
    public const string NoLanguage = "any";

    private const int BitsPerBlock = 64;

    /// <summary>How many letters of a longer word have a weight of their own: "suicidarme", "suicidio".</summary>
    private static readonly int[] BeginningLengths = [4, 5];

    // Many runs have no weight. One bit of each key's first so many says so without a walk through memory that no cache holds.
    private const int FilterBits = 20;

    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / BitsPerBlock];

    // A hash table with linear probing, less than half full: numbers of entries, counted from one; 0 where there is none.
    private readonly int _slotBits;
    private readonly int[] _slots;
    private readonly ulong[] _keys;

    // Of each entry one for each class.
    private readonly float[] _weights;
    private readonly string[] _languages;
    private readonly float[] _bias;

    private WordWeights(List<ulong> keys, List<float> weights, List<string> languages, float[] bias)
    {
        _slotBits = BitOperations.Log2((uint)keys.Count) + 2;
        _slots = new int[1 << _slotBits];
        _keys = [.. keys];
        _weights = [.. weights];
        _languages = [.. languages];
        _bias = bias;
        for (var number = 0; number < _keys.Length; number++)
        {
            var key = _keys[number];
            _filter[Place(key) / BitsPerBlock] |= 1UL << (Place(key) % BitsPerBlock);
            _slots[Slot(key)] = number + 1;
        }
    }

    /// <param name="topic">What the detector looks for, as in the names of the files.</param>
    /// <param name="classes">How many weights each line holds.</param>
    /// <exception cref="FormatException">A line of a file is not <c>words weights</c>.</exception>
    public static WordWeights Load(string topic, int classes = 1)
    {
        var (keys, weights, languages, bias) = (new List<ulong>(), new List<float>(), new List<string>(), new float[classes]);
        var ofLine = new float[classes];
        foreach (var (name, language) in WordFile.Of(topic + FileSuffix, ".txt"))
        {
            foreach (var line in WordFile.Read(name))
            {
                var words = line.AsSpan();
                for (var i = classes - 1; i >= 0; i--)
                {
                    var space = Math.Max(words.LastIndexOf(' '), 0);
                    ofLine[i] = float.Parse(words[space..], CultureInfo.InvariantCulture);
                    words = words[..space];
                }

                if (words.SequenceEqual(Bias))
                {
                    ofLine.CopyTo(bias, 0);
                    continue;
                }

                var key = Start;
                foreach (var word in words.Split(' '))
                {
                    key = Continue(key, Hash(words[word]));
                }

                keys.Add(key);
                weights.AddRange(ofLine);
                languages.Add(language);
            }
        }

        return new WordWeights(keys, weights, languages, bias);
    }

    /// <summary>The names of everything in the text that may have a weight, as they stand in the files.</summary>
    public static IEnumerable<string> Names(List<Word> words, List<PhraseMatch> said)
    {
        for (var start = 0; start < words.Count; start++)
        {
            for (var length = RunsFrom(CollectionsMarshal.AsSpan(words), start); length > 0; length--)
            {
                yield return string.Join(' ', words.GetRange(start, length).Select(word => word.Text));
            }

            foreach (var length in BeginningLengths.Where(length => length < words[start].Text.Length))
            {
                yield return words[start].Text[..length] + BeginningMark;
            }
        }

        foreach (var match in said)
        {
            yield return LabelMark + match.Phrase.Label;
        }
    }

    /// <summary>How many runs of words from this one on may have a weight; each is a word longer, none leaves the sentence.</summary>
    private static int RunsFrom(ReadOnlySpan<Word> words, int start)
    {
        var most = Math.Min(LongestRun, words.Length - start);
        var length = 1;
        while (length < most && words[start + length].Sentence == words[start].Sentence)
        {
            length++;
        }

        return length;
    }

    /// <summary>The log-odds of each class, over the whole text.</summary>
    public double[] LogOdds(List<Word> words, List<PhraseMatch> said)
    {
        var sums = Array.ConvertAll(_bias, bias => (double)bias);
        foreach (var (number, _) in Find(words, said).DistinctBy(found => found.Number))
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += _weights[(number * sums.Length) + i];
            }
        }

        return sums;
    }

    /// <summary>The log-odds of the words around a phrase, of one class alone: page after page about work does not take it back.</summary>
    /// <returns>And how many words they are; as many as the text has when none is out of reach.</returns>
    public (double LogOdds, int Words) Around(PhraseMatch match, List<Word> words, List<PhraseMatch> said)
    {
        var from = Math.Max(match.Start - DoubtReach, 0);
        var to = Math.Min(match.End + DoubtReach, words.Count);
        var saidThere = said.FindAll(other => other.Start >= from && other.Start < to)
            .ConvertAll(other => other with { Start = other.Start - from, End = other.End - from });
        return (LogOdds(words.GetRange(from, to - from), saidThere)[0], to - from);
    }

    /// <summary>The log-odds of the part of the text that sounds most like the topic, of one class alone, and the language that says most of it.</summary>
    /// <param name="words">The text.</param>
    /// <param name="said">What the phrases say in it, by its place.</param>
    public (double LogOdds, string Language) Score(List<Word> words, List<PhraseMatch> said)
    {
        var all = Find(words, said);
        var found = CollectionsMarshal.AsSpan(all);
        var earlier = Earlier(found);
        var best = (LogOdds: double.NegativeInfinity, First: 0, Count: 0);
        var first = 0;
        for (var from = 0; from == 0 || from + (WordsAtOnce / 2) < words.Count; from += WordsAtOnce / 2)
        {
            while (first < found.Length && found[first].Start < from)
            {
                first++;
            }

            var sum = (double)_bias[0];
            var next = first;
            for (; next < found.Length && found[next].Start < from + WordsAtOnce; next++)
            {
                // In a part everything counts once.
                sum += earlier[next] < first ? _weights[found[next].Number] : 0;
            }

            best = sum > best.LogOdds ? (sum, first, next - first) : best;
        }

        var language = all.GetRange(best.First, best.Count)
            .Where(f => _languages[f.Number] != NoLanguage)
            .GroupBy(f => _languages[f.Number], StringComparer.Ordinal)
            .MaxBy(own => own.Sum(f => _weights[f.Number]));
        return (best.LogOdds, language?.Key ?? "en");
    }

    /// <summary>For all that was found, where the same stands before; -1 where it is the first.</summary>
    private static int[] Earlier(ReadOnlySpan<(int Number, int Start)> found)
    {
        var last = new Dictionary<int, int>(found.Length);
        var earlier = new int[found.Length];
        for (var i = 0; i < found.Length; i++)
        {
            earlier[i] = last.GetValueOrDefault(found[i].Number, -1);
            last[found[i].Number] = i;
        }

        return earlier;
    }

    /// <summary>Everything in the text that has a weight, by its place.</summary>
    private List<(int Number, int Start)> Find(List<Word> words, List<PhraseMatch> said)
    {
        var text = CollectionsMarshal.AsSpan(words);
        var likely = ArrayPool<(ulong Key, int Start)>.Shared.Rent(((LongestRun + BeginningLengths.Length) * text.Length) + said.Count);
        var count = FindLikely(text, said, likely);
        var found = new List<(int Number, int Start)>(count);
        foreach (var (key, start) in likely.AsSpan(0, count))
        {
            if (_slots[Slot(key)] is > 0 and var number)
            {
                found.Add((number - 1, start));
            }
        }

        ArrayPool<(ulong Key, int Start)>.Shared.Return(likely);
        return found;
    }

    /// <summary>What passes the filter: some 15,000 bits are looked up for 4,000 characters, one by one in no order, but none waits for another.</summary>
    /// <returns>How many there are.</returns>
    private int FindLikely(ReadOnlySpan<Word> text, List<PhraseMatch> said, Span<(ulong Key, int Start)> likely)
    {
        var hashes = Hashes(text);
        var count = 0;
        var next = 0;
        for (var start = 0; start < text.Length; start++)
        {
            for (; next < said.Count && said[next].Start <= start; next++)
            {
                count += Put(Continue(Start, Hash(said[next].Phrase.Label, Continue(Start, LabelMark))), likely[count..]);
            }

            var run = Start;
            foreach (var hash in hashes.AsSpan(start, RunsFrom(text, start)))
            {
                run = Continue(run, hash);
                count += Put(run, likely[count..]);
            }

            foreach (var length in BeginningLengths)
            {
                if (length < text[start].Text.Length)
                {
                    count += Put(Continue(Start, Continue(Hash(text[start].Text.AsSpan(0, length)), BeginningMark)), likely[count..]);
                }
            }

            int Put(ulong key, Span<(ulong Key, int Start)> to)
            {
                to[0] = (key, start);
                return (int)(_filter[Place(key) / BitsPerBlock] >> (Place(key) % BitsPerBlock) & 1);
            }
        }

        return count;
    }

    private static ulong[] Hashes(ReadOnlySpan<Word> words)
    {
        var hashes = new ulong[words.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = Hash(words[i].Text);
        }

        return hashes;
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

    // FNV-1a, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv: over the letters of a word, and of a run over its words.
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private static ulong Hash(ReadOnlySpan<char> word, ulong hash = Start)
    {
        foreach (var c in word)
        {
            hash = Continue(hash, c);
        }

        return hash;
    }

    private static ulong Continue(ulong hash, ulong next) => (hash ^ next) * Prime;
}
