namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// A compiled phrase: a small program over words. Loops do not exist in it, so the work at one position is
/// bounded by the phrase alone, whatever the text is.
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

        /// <summary>Any one word.</summary>
        Any,

        /// <summary>Try the next step, else go on at <see cref="Step.Else"/>.</summary>
        Try,

        /// <summary>Go on at <see cref="Step.Else"/>.</summary>
        Jump,
        Done,
    }

    internal readonly record struct Step(Kind Kind, int Symbol = 0, bool[]? Choice = null, int Else = 0);

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
                    for (var symbol = 0; symbol < step.Choice!.Length; symbol++)
                    {
                        if (step.Choice[symbol])
                        {
                            yield return symbol;
                        }
                    }

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
            if (step.Kind == Kind.Word ? symbol == step.Symbol : symbol < step.Choice!.Length && step.Choice[symbol])
            {
                return true;
            }
        }

        return false;
    }
}
