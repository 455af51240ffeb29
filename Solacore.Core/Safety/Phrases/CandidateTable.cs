using System.Numerics;
using System.Runtime.InteropServices;

namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// Which phrases of a language may begin at a word: for each word they speak of one bit per phrase that allows it in its first, second
/// or third place, or at its end. Hundreds of phrases begin with "I" or "我"; a few machine words of bits, and-ed, leave the one or
/// two worth trying.
/// </summary>
internal sealed class CandidateTable
{
    private const int Places = 3;
    private const int BitsPerBlock = 64;

    /// <summary>The row of all words that no phrase speaks of.</summary>
    private const int Unknown = 0;

    // By entry of the book's table.
    private readonly int[] _rowOf;

    // One row of bits per word, for each place.
    private readonly ulong[][] _rows = new ulong[Places][];

    // In the same way: the phrases that may end with the word.
    private readonly ulong[] _endings;

    public CandidateTable(IReadOnlyList<Phrase> phrases, int symbolCount)
    {
        var vectors = (phrases.Count + (Vector<byte>.Count * 8) - 1) / (Vector<byte>.Count * 8);
        Blocks = vectors * Vector<ulong>.Count;
        var allowed = phrases.Select(phrase => phrase.Places(Places).ToList()).ToList();
        var last = phrases.Select(phrase => phrase.LastWords().ToList()).ToList();
        _rowOf = new int[symbolCount];
        var rows = Unknown + 1;
        foreach (var symbol in allowed.SelectMany(places => places).OfType<IReadOnlyCollection<int>>().Concat(last).SelectMany(symbols => symbols))
        {
            if (_rowOf[symbol] == Unknown)
            {
                _rowOf[symbol] = rows++;
            }
        }

        for (var place = 0; place < Places; place++)
        {
            var marks = _rows[place] = new ulong[rows * Blocks];
            for (var phrase = 0; phrase < phrases.Count; phrase++)
            {
                Mark(marks, allowed[phrase][place]?.Select(symbol => _rowOf[symbol]) ?? [Unknown], phrase);
            }

            AllowEverywhere(marks, marks.AsSpan(Unknown * Blocks, Blocks));
        }

        _endings = new ulong[rows * Blocks];
        for (var phrase = 0; phrase < phrases.Count; phrase++)
        {
            Mark(_endings, last[phrase].Select(symbol => _rowOf[symbol]), phrase);
        }
    }

    /// <summary>A phrase that allows a word it does not speak of allows every word there.</summary>
    private void AllowEverywhere(Span<ulong> rows, ReadOnlySpan<ulong> free)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] |= free[i % Blocks];
        }
    }

    private void Mark(ulong[] marks, IEnumerable<int> rows, int phrase)
    {
        foreach (var row in rows)
        {
            marks[(row * Blocks) + (phrase / BitsPerBlock)] |= 1UL << (phrase % BitsPerBlock);
        }
    }

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
                    var row = Row(_endings, symbol);
                    for (var i = 0; i < bits.Length && i < row.Length; i++)
                    {
                        bits[i] |= row[i];
                    }
                }
            }
        }

        return endings.ContainsAnyExcept(0UL);
    }

    /// <summary>Whether a phrase may begin with the word; none begins with just any.</summary>
    public bool Knows(ReadOnlySpan<int> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (_rowOf[symbol] != Unknown)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Leaves the bits of the phrases that the first words of this rest of a sentence do not rule out.</summary>
    /// <param name="symbols">As for <see cref="FindEndings"/>.</param>
    /// <param name="candidates"><see cref="Blocks"/> long; set at first: what <see cref="FindEndings"/> found in the sentence.</param>
    public void Narrow(ReadOnlySpan<int[]> symbols, Span<ulong> candidates)
    {
        var bits = MemoryMarshal.Cast<ulong, Vector<ulong>>(candidates);
        for (var place = 0; place < Places; place++)
        {
            switch (place < symbols.Length ? symbols[place] : [])
            {
                case []:
                    And(bits, MemoryMarshal.Cast<ulong, Vector<ulong>>(_rows[place].AsSpan(Unknown * Blocks, Blocks)));
                    break;
                case [var only]:
                    And(bits, Row(_rows[place], only));
                    break;
                case var several:
                    AndAny(bits, _rows[place], several);
                    break;
            }
        }
    }

    private ReadOnlySpan<Vector<ulong>> Row(ulong[] rows, int symbol) =>
        MemoryMarshal.Cast<ulong, Vector<ulong>>(rows.AsSpan(_rowOf[symbol] * Blocks, Blocks));

    private static void And(Span<Vector<ulong>> bits, ReadOnlySpan<Vector<ulong>> row)
    {
        for (var i = 0; i < bits.Length && i < row.Length; i++)
        {
            bits[i] &= row[i];
        }
    }

    private void AndAny(Span<Vector<ulong>> bits, ulong[] rows, int[] symbols)
    {
        for (var i = 0; i < bits.Length; i++)
        {
            var any = Vector<ulong>.Zero;
            foreach (var symbol in symbols)
            {
                any |= Row(rows, symbol)[i];
            }

            bits[i] &= any;
        }
    }
}
