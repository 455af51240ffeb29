using System.Numerics;

namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// A compiled phrase: a small program over words. It holds no loop but over the few words of a gap, so the work at
/// one position is bounded by the phrase alone, whatever the text is.
/// </summary>
internal sealed class Phrase(string label, string language, double weight, Phrase.Step[] steps)
{
    /// <summary>What the phrase stands for; the words before the colon in the word file.</summary>
    public string Label { get; } = label;

    public string Language { get; } = language;

    /// <summary>0–1 where the file gives one, else 1.</summary>
    public double Weight { get; } = weight;

    internal enum Kind
    {
        /// <summary>The word <see cref="Step.Symbol"/>.</summary>
        Word,

        /// <summary>One word out of <see cref="Step.Choice"/>.</summary>
        OneOf,

        /// <summary>One of several alternatives: those that begin with the next word are in <see cref="Step.Branches"/>.</summary>
        Switch,

        /// <summary>Step over up to <see cref="Step.Most"/> words, as few as possible, to one in <see cref="Step.Choice"/> (null: to any).</summary>
        Gap,

        /// <summary>No further word: the word before answers to <see cref="Step.Symbol"/>, which only the last of a part of a sentence does.</summary>
        End,

        /// <summary>Try the next step, else go on at <see cref="Step.Else"/>.</summary>
        Try,

        /// <summary>Go on at <see cref="Step.Else"/>.</summary>
        Jump,
        Done,
    }

    /// <param name="Kind">What to do.</param>
    /// <param name="Branches">By word: where the alternatives that begin with it start, counted from this step.</param>
    internal readonly record struct Step(Kind Kind, int Symbol = 0, SymbolSet? Choice = null, int Else = 0, int Most = 0, Dictionary<int, int[]>? Branches = null);

    /// <summary>The end (exclusive) of the phrase when it starts at <paramref name="start"/>, else -1.</summary>
    /// <param name="symbols">For each word of the text, the entries of the book's table that it answers to.</param>
    /// <param name="limit">The end (exclusive) of the sentence.</param>
    public int EndAt(ReadOnlySpan<int[]> symbols, int start, int limit) => Run(symbols[..limit], 0, start);

    /// <summary>The first two words that the phrase may begin with; the second is null where any may follow, or none.</summary>
    public IEnumerable<(int First, int? Second)> Beginnings()
    {
        var begin = new HashSet<int> { 0 };
        Reach(begin);
        if (begin.Any(IsFree))
        {
            throw new FormatException($"A phrase under '{Label}' ({Language}) may match nothing or starts with a gap.");
        }

        foreach (var at in begin.Where(IsWord))
        {
            var then = new HashSet<int> { at + 1 };
            Reach(then);
            int?[] seconds = then.Any(IsFree) ? [null] : [.. then.SelectMany(Words)];
            foreach (var first in Words(at))
            {
                foreach (var second in seconds)
                {
                    yield return (first, second);
                }
            }
        }
    }

    /// <summary>Adds the steps that these lead to before any further word.</summary>
    private void Reach(HashSet<int> reached)
    {
        var open = new Stack<int>(reached);
        while (open.TryPop(out var at))
        {
            foreach (var follower in Followers(steps[at], at))
            {
                if (reached.Add(follower))
                {
                    open.Push(follower);
                }
            }
        }
    }

    private bool IsWord(int at) => steps[at].Kind is Kind.Word or Kind.OneOf;

    private bool IsFree(int at) => steps[at].Kind is Kind.Gap or Kind.Done;

    /// <summary>The words of which one must be there for the phrase to end.</summary>
    public IEnumerable<int> LastWords()
    {
        // Steps lead forward only, so one pass from the end knows of each what comes after it.
        var mayEnd = new bool[steps.Length];
        for (var at = steps.Length - 1; at >= 0; at--)
        {
            mayEnd[at] = steps[at].Kind == Kind.Done || Followers(steps[at], at).Any(next => mayEnd[next]);
            if (IsWord(at) && mayEnd[at + 1])
            {
                foreach (var symbol in Words(at))
                {
                    yield return symbol;
                }
            }
        }
    }

    private IEnumerable<int> Words(int at) => steps[at] switch
    {
        { Kind: Kind.Word } word => [word.Symbol],
        { Kind: Kind.OneOf } several => several.Choice!.All,
        _ => [],
    };

    private static int[] Followers(Step step, int at) => step.Kind switch
    {
        Kind.Gap or Kind.End => [at + 1],
        Kind.Switch => [.. step.Branches!.Values.SelectMany(branches => branches).Distinct().Select(branch => at + branch)],
        Kind.Try => [at + 1, step.Else],
        Kind.Jump => [step.Else],
        _ => [],
    };

    private int Run(ReadOnlySpan<int[]> symbols, int at, int position)
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
                    var end = Run(symbols, at + 1, position);
                    if (end >= 0)
                    {
                        return end;
                    }

                    at = step.Else;
                    continue;
                case Kind.End:
                    if (position == 0 || !symbols[position - 1].AsSpan().Contains(step.Symbol))
                    {
                        return -1;
                    }

                    at++;
                    continue;
                case Kind.Gap:
                    return AfterGap(symbols, at, position);
                case Kind.Switch:
                    return Branch(symbols, at, position);
                case Kind.Word or Kind.OneOf:
                    if (position == symbols.Length || !Accepts(step, symbols[position]))
                    {
                        return -1;
                    }

                    position++;
                    at++;
                    continue;
                default:
                    throw new InvalidOperationException($"Unknown step {step.Kind}.");
            }
        }
    }

    private int AfterGap(ReadOnlySpan<int[]> symbols, int gap, int from)
    {
        var after = steps[gap].Choice;
        var last = Math.Min(from + steps[gap].Most, after is null ? symbols.Length : symbols.Length - 1);
        for (var position = from; position <= last; position++)
        {
            if ((after is null || after.ContainsAny(symbols[position])) && Run(symbols, gap + 1, position) is >= 0 and var end)
            {
                return end;
            }
        }

        return -1;
    }

    private int Branch(ReadOnlySpan<int[]> symbols, int at, int position)
    {
        foreach (var symbol in position < symbols.Length ? symbols[position] : [])
        {
            foreach (var branch in steps[at].Branches!.GetValueOrDefault(symbol, []))
            {
                if (Run(symbols, at + branch, position) is >= 0 and var end)
                {
                    return end;
                }
            }
        }

        return -1;
    }

    private static bool Accepts(in Step step, int[] symbols) =>
        step.Kind == Kind.Word ? symbols.AsSpan().Contains(step.Symbol) : step.Choice!.ContainsAny(symbols);
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

    public IEnumerable<int> All
    {
        get
        {
            for (var word = 0; word < _bits.Length; word++)
            {
                for (var left = _bits[word]; left != 0; left &= left - 1)
                {
                    yield return (word * BitsPerWord) + BitOperations.TrailingZeroCount(left);
                }
            }
        }
    }

    public bool ContainsAny(int[] symbols)
    {
        foreach (var symbol in symbols)
        {
            if (Contains(symbol))
            {
                return true;
            }
        }

        return false;
    }

    private bool Contains(int symbol)
    {
        var word = (uint)symbol / BitsPerWord;
        return word < (uint)_bits.Length && (_bits[word] >> (symbol % BitsPerWord) & 1) != 0;
    }
}
