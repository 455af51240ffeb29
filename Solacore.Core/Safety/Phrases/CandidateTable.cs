using System.Numerics;
using System.Runtime.InteropServices;

namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// Which phrases of a language may begin at a word. Hundreds begin with "I" or "我", few of them with the same two words: they are
/// looked up by both. Of those few only the ones that may also end in the sentence are worth trying.
/// </summary>
internal sealed class CandidateTable
{
    private const int BitsPerBlock = 64;

    /// <summary>The row of all words that no phrase ends with.</summary>
    private const int Unknown = 0;

    // By first word: the phrases that say nothing of the second; null where no phrase begins with the word.
    private readonly int[]?[] _byFirst;
    private readonly Dictionary<int, int[]> _byFirstTwo;

    // By entry of the book's table.
    private readonly int[] _rowOf;

    // One row of bits per word: the phrases that may end with it.
    private readonly ulong[] _endings;

    public CandidateTable(IReadOnlyList<Phrase> phrases, int symbolCount)
    {
        var beginnings = phrases.SelectMany((phrase, number) => phrase.Beginnings().Select(two => (two.First, two.Second, Phrase: number))).ToLookup(b => b.First);
        _byFirst = [.. Enumerable.Range(0, symbolCount).Select(first => beginnings.Contains(first) ? Numbers(beginnings[first].Where(b => b.Second is null)) : null)];
        _byFirstTwo = beginnings.SelectMany(b => b).Where(b => b.Second is not null)
            .GroupBy(b => Pair(b.First, b.Second!.Value))
            .ToDictionary(pair => pair.Key, Numbers);

        var vectors = (phrases.Count + (Vector<byte>.Count * 8) - 1) / (Vector<byte>.Count * 8);
        Blocks = vectors * Vector<ulong>.Count;
        var last = phrases.Select(phrase => phrase.LastWords().ToList()).ToList();
        _rowOf = new int[symbolCount];
        var rows = Unknown + 1;
        foreach (var symbol in last.SelectMany(symbols => symbols))
        {
            if (_rowOf[symbol] == Unknown)
            {
                _rowOf[symbol] = rows++;
            }
        }

        _endings = new ulong[rows * Blocks];
        for (var phrase = 0; phrase < phrases.Count; phrase++)
        {
            foreach (var symbol in last[phrase])
            {
                Mark(_endings.AsSpan(_rowOf[symbol] * Blocks, Blocks), phrase);
            }
        }
    }

    private static int[] Numbers(IEnumerable<(int First, int? Second, int Phrase)> beginnings) => [.. beginnings.Select(b => b.Phrase).Distinct()];

    private int Pair(int first, int second) => (first * _byFirst.Length) + second;

    private static void Mark(Span<ulong> bits, int phrase) => bits[phrase / BitsPerBlock] |= 1UL << (phrase % BitsPerBlock);

    /// <summary>How many machine words hold one bit per phrase.</summary>
    public int Blocks { get; }

    /// <summary>Sets the bits of the phrases that may end in this sentence.</summary>
    /// <param name="sentence">For each word, the entries of the book's table that it answers to.</param>
    /// <param name="endings"><see cref="Blocks"/> long.</param>
    /// <returns>False when there are none.</returns>
    public bool FindEndings(ReadOnlySpan<int[]> sentence, Span<ulong> endings)
    {
        endings.Clear();
        var bits = MemoryMarshal.Cast<ulong, Vector<ulong>>(endings);
        foreach (var symbols in sentence)
        {
            foreach (var symbol in symbols)
            {
                if (_rowOf[symbol] != Unknown)
                {
                    var row = MemoryMarshal.Cast<ulong, Vector<ulong>>(_endings.AsSpan(_rowOf[symbol] * Blocks, Blocks));
                    for (var i = 0; i < bits.Length && i < row.Length; i++)
                    {
                        bits[i] |= row[i];
                    }
                }
            }
        }

        return endings.ContainsAnyExcept(0UL);
    }

    /// <summary>Sets the bits of the phrases that may begin with the first two words of this rest of a sentence.</summary>
    /// <param name="symbols">As for <see cref="FindEndings"/>.</param>
    /// <param name="candidates"><see cref="Blocks"/> long, no bit set at first.</param>
    public void FindBeginnings(ReadOnlySpan<int[]> symbols, Span<ulong> candidates)
    {
        foreach (var first in symbols[0])
        {
            if (_byFirst[first] is not { } whateverFollows)
            {
                continue;
            }

            MarkAll(candidates, whateverFollows);
            foreach (var second in symbols.Length > 1 ? symbols[1] : [])
            {
                if (_byFirstTwo.TryGetValue(Pair(first, second), out var phrases))
                {
                    MarkAll(candidates, phrases);
                }
            }
        }
    }

    private static void MarkAll(Span<ulong> bits, int[] phrases)
    {
        foreach (var phrase in phrases)
        {
            Mark(bits, phrase);
        }
    }
}
