using System.Numerics;
using System.Runtime.InteropServices;

namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// Which phrases of a book may begin at a word: for each word of the table one bit per phrase that allows it in its first, second or
/// third place, or at its end. Hundreds of phrases begin with "I" or "我"; a few machine words of bits, and-ed, leave the one or two
/// worth trying.
/// </summary>
internal sealed class CandidateTable
{
    private const int Places = 3;
    private const int BitsPerBlock = 64;

    private readonly int _unknown;

    // One row of bits per word, for each place; the last row is that of a word no phrase speaks of.
    private readonly ulong[][] _rows = new ulong[Places][];

    // In the same way: the phrases that may end with the word.
    private readonly ulong[] _endings;

    public CandidateTable(IReadOnlyList<Phrase> phrases, int symbolCount)
    {
        var vectors = (phrases.Count + (Vector<byte>.Count * 8) - 1) / (Vector<byte>.Count * 8);
        Blocks = vectors * Vector<ulong>.Count;
        _unknown = symbolCount;
        for (var place = 0; place < Places; place++)
        {
            _rows[place] = new ulong[(symbolCount + 1) * Blocks];
        }

        _endings = new ulong[(symbolCount + 1) * Blocks];
        for (var phrase = 0; phrase < phrases.Count; phrase++)
        {
            var place = 0;
            foreach (var allowed in phrases[phrase].Places(Places))
            {
                Mark(_rows[place++], allowed ?? (IEnumerable<int>)[_unknown], phrase);
            }

            Mark(_endings, phrases[phrase].LastWords(), phrase);
        }

        foreach (var rows in _rows)
        {
            AllowEverywhere(rows, rows.AsSpan(_unknown * Blocks, Blocks));
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

    private void Mark(ulong[] rows, IEnumerable<int> symbols, int phrase)
    {
        foreach (var symbol in symbols)
        {
            rows[(symbol * Blocks) + (phrase / BitsPerBlock)] |= 1UL << (phrase % BitsPerBlock);
        }
    }

    /// <summary>How many machine words hold one bit per phrase.</summary>
    public int Blocks { get; }

    /// <summary>Sets the bits of the phrases that may end in this sentence.</summary>
    /// <param name="sentence">For each word, the entries of the table that it answers to.</param>
    /// <param name="endings"><see cref="Blocks"/> long.</param>
    public void FindEndings(ReadOnlySpan<int[]> sentence, Span<ulong> endings)
    {
        endings.Clear();
        var bits = MemoryMarshal.Cast<ulong, Vector<ulong>>(endings);
        foreach (var symbols in sentence)
        {
            foreach (var symbol in symbols)
            {
                var row = Row(_endings, symbol);
                for (var i = 0; i < bits.Length && i < row.Length; i++)
                {
                    bits[i] |= row[i];
                }
            }
        }
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
                    And(bits, Row(_rows[place], _unknown));
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
        MemoryMarshal.Cast<ulong, Vector<ulong>>(rows.AsSpan(symbol * Blocks, Blocks));

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
