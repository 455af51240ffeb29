namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// A compiled phrase: a small program over words. Loops do not exist in it, so the work at one position is
/// bounded by the phrase alone, whatever the text is.
/// </summary>
internal sealed class Phrase(string label, string language, double weight, int line, Phrase.Step[] steps)
{
    /// <summary>What the phrase stands for; the words before the colon in the word file.</summary>
    public string Label { get; } = label;

    public string Language { get; } = language;

    /// <summary>0–1 where the file gives one, else 1.</summary>
    public double Weight { get; } = weight;

    /// <summary>The line of the language's file, counted over lines that hold phrases: its phrases are alternatives of each other.</summary>
    public int Line { get; } = line;

    internal enum Kind
    {
        /// <summary>The word <see cref="Step.Symbol"/>.</summary>
        Word,

        /// <summary>One word out of <see cref="Step.Choice"/>.</summary>
        OneOf,

        /// <summary>Look at the next word without stepping over it: unless it is in <see cref="Step.Choice"/>, none of the alternatives that follow begins here.</summary>
        Expect,

        /// <summary>Any one word.</summary>
        Any,

        /// <summary>No word: the part of the sentence ends here.</summary>
        End,

        /// <summary>Try the next step, else go on at <see cref="Step.Else"/>.</summary>
        Try,

        /// <summary>Go on at <see cref="Step.Else"/>.</summary>
        Jump,
        Done,
    }

    internal readonly record struct Step(Kind Kind, int Symbol = 0, SymbolSet? Choice = null, int Else = 0);

    /// <summary>The end (exclusive) of the phrase when it starts at <paramref name="start"/>, else -1.</summary>
    public int EndAt(List<Word> words, List<int[]> symbols, int start) => Run(words, symbols, 0, start, words[start].Sentence);

    /// <summary>The words that may come first.</summary>
    public IEnumerable<int> FirstSymbols()
    {
        var open = new Stack<int>([0]);
        while (open.TryPop(out var at))
        {
            var step = steps[at];
            switch (step.Kind)
            {
                case Kind.Word:
                    yield return step.Symbol;
                    break;
                case Kind.OneOf:
                    foreach (var symbol in step.Choice!.All)
                    {
                        yield return symbol;
                    }

                    break;
                case Kind.Expect:
                    open.Push(at + 1);
                    break;
                case Kind.Try:
                    open.Push(at + 1);
                    open.Push(step.Else);
                    break;
                case Kind.Jump:
                    open.Push(step.Else);
                    break;
                default:
                    throw new FormatException($"A phrase under '{Label}' ({Language}) may match nothing or starts with a gap.");
            }
        }
    }

    /// <summary>For each step that no way through the phrase avoids: the words of which one must stand there.</summary>
    public IEnumerable<IReadOnlyCollection<int>> Needs()
    {
        // Steps only ever lead forward, so a step is unavoidable when nothing before it leads past it.
        var furthest = 0;
        for (var at = 0; at < steps.Length; at++)
        {
            var step = steps[at];
            if (furthest <= at && step.Kind is Kind.Word)
            {
                yield return [step.Symbol];
            }
            else if (furthest <= at && step.Kind is (Kind.OneOf or Kind.Expect))
            {
                yield return [.. step.Choice!.All];
            }

            furthest = Math.Max(furthest, step.Kind is Kind.Try or Kind.Jump ? step.Else : at + 1);
        }
    }

    private int Run(List<Word> words, List<int[]> symbols, int at, int position, int sentence)
    {
        while (true)
        {
            ref readonly var step = ref steps[at];
            switch (step.Kind)
            {
                case Kind.Done:
                    return position;
                case Kind.Jump:
                    at = step.Else;
                    continue;
                case Kind.Try:
                    var end = Run(words, symbols, at + 1, position, sentence);
                    if (end >= 0)
                    {
                        return end;
                    }

                    at = step.Else;
                    continue;
                case Kind.Word or Kind.OneOf or Kind.Any:
                    if (position == words.Count || words[position].Sentence != sentence || !Accepts(step, symbols[position]))
                    {
                        return -1;
                    }

                    position++;
                    at++;
                    continue;
                case Kind.End:
                    if (position < words.Count && words[position].Clause == words[position - 1].Clause && char.IsLetterOrDigit(words[position].Text[0]))
                    {
                        return -1;
                    }

                    at++;
                    continue;
                case Kind.Expect:
                    if (position == words.Count || words[position].Sentence != sentence || !Accepts(step, symbols[position]))
                    {
                        return -1;
                    }

                    at++;
                    continue;
                default:
                    throw new InvalidOperationException($"Unknown step {step.Kind}.");
            }
        }
    }

    private static bool Accepts(in Step step, int[] symbols)
    {
        if (step.Kind == Kind.Any)
        {
            return true;
        }

        foreach (var symbol in symbols)
        {
            if (step.Kind == Kind.Word ? symbol == step.Symbol : step.Choice!.Contains(symbol))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Some words of a book, by number: one bit each.</summary>
internal sealed class SymbolSet
{
    private const int BitsPerWord = 64;

    private readonly ulong[] _bits;

    public SymbolSet(IReadOnlyCollection<int> symbols)
    {
        _bits = new ulong[(symbols.Max() / BitsPerWord) + 1];
        foreach (var symbol in symbols)
        {
            _bits[symbol / BitsPerWord] |= 1UL << (symbol % BitsPerWord);
        }
    }

    public IEnumerable<int> All => Enumerable.Range(0, _bits.Length * BitsPerWord).Where(Contains);

    public bool Contains(int symbol)
    {
        var word = (uint)symbol / BitsPerWord;
        return word < (uint)_bits.Length && (_bits[word] >> (symbol % BitsPerWord) & 1) != 0;
    }
}
