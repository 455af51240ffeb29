namespace Solacore.Core.Words;

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
        /// <summary>One word out of <see cref="Step.Choice"/>, or <see cref="Step.Symbol"/>.</summary>
        Word,

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
    internal readonly record struct Step(Kind Kind, int Symbol = 0, int[]? Choice = null, int Else = 0, int Most = 0, Dictionary<int, int[]>? Branches = null)
    {
        /// <summary>Of all words that the step accepts.</summary>
        public SymbolHint Hint { get; } = SymbolHint.Of(Branches is null ? Choice ?? [Symbol] : [.. Branches.Keys]);
    }

    /// <summary>A way to begin a phrase.</summary>
    /// <param name="Firsts">The first word is one of these.</param>
    /// <param name="Seconds">The second one is one of these; null where any may follow, or none.</param>
    /// <param name="Rest">The step to go on at after these words.</param>
    /// <param name="Next">The words of which one must come then; <see cref="SymbolHint.Any"/> where the phrase may end before.</param>
    /// <param name="Reach">Over how many other words that one may come.</param>
    internal sealed record Beginning(int[] Firsts, int[]? Seconds, int Rest, SymbolHint Next, int Reach);

    /// <summary>Every way to begin the phrase, the preferred ones first.</summary>
    public IEnumerable<Beginning> Beginnings()
    {
        var begin = Reached(0);
        if (begin.Exists(IsFree))
        {
            throw new FormatException($"A phrase under '{Label}' ({Language}) may match nothing, or does not start with a word.");
        }

        foreach (var first in begin.FindAll(IsWord))
        {
            var then = Reached(first + 1);
            if (then.Exists(IsFree))
            {
                yield return new Beginning(Words(first), null, first + 1, Next(then), Reach(then));
                continue;
            }

            foreach (var second in then.FindAll(IsWord))
            {
                var next = Reached(second + 1);
                yield return new Beginning(Words(first), Words(second), second + 1, Next(next), Reach(next));
            }
        }
    }

    private SymbolHint Next(List<int> then) =>
        then.Exists(at => steps[at].Kind == Kind.Done) ? SymbolHint.Any : then.FindAll(IsWord).Aggregate(default(SymbolHint), (hint, at) => hint.With(steps[at].Hint));

    private int Reach(List<int> then) => then.Sum(at => steps[at].Kind == Kind.Gap ? steps[at].Most : 0);

    /// <summary>The step and all that it leads to before any further word, in the order in which they are tried.</summary>
    private List<int> Reached(int from)
    {
        var reached = new List<int>();
        var open = new Stack<int>([from]);
        while (open.TryPop(out var at))
        {
            if (reached.Contains(at))
            {
                continue;
            }

            reached.Add(at);
            foreach (var follower in Followers(steps[at], at).Reverse())
            {
                open.Push(follower);
            }
        }

        return reached;
    }

    private bool IsWord(int at) => steps[at].Kind == Kind.Word;

    private bool IsFree(int at) => steps[at].Kind is Kind.Gap or Kind.End or Kind.Done;

    private int[] Words(int at) => steps[at].Choice ?? [steps[at].Symbol];

    private static IEnumerable<int> Followers(Step step, int at) => step.Kind switch
    {
        Kind.Gap or Kind.End => [at + 1],
        Kind.Switch => step.Branches!.Values.SelectMany(branches => branches).Distinct().Order().Select(branch => at + branch),
        Kind.Try => [at + 1, step.Else],
        Kind.Jump => [step.Else],
        _ => [],
    };

    /// <summary>The end (exclusive) of the phrase that goes on at a step and a position, else -1.</summary>
    /// <param name="text">The words up to the end of the sentence.</param>
    /// <param name="at">From <see cref="Beginning.Rest"/>.</param>
    /// <param name="position">Of the next word.</param>
    public int EndFrom(ReadOnlySpan<WordSymbols> text, int at, int position)
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
                    var end = EndFrom(text, at + 1, position);
                    if (end >= 0)
                    {
                        return end;
                    }

                    at = step.Else;
                    continue;
                case Kind.End:
                    if (position == 0 || !Accepts(step, text[position - 1]))
                    {
                        return -1;
                    }

                    at++;
                    continue;
                case Kind.Gap:
                    return AfterGap(text, at, position);
                case Kind.Switch:
                    return Branch(text, at, position);
                case Kind.Word:
                    if (position == text.Length || !Accepts(step, text[position]))
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

    private int AfterGap(ReadOnlySpan<WordSymbols> text, int gap, int from)
    {
        ref readonly var step = ref steps[gap];
        var last = Math.Min(from + step.Most, step.Choice is null ? text.Length : text.Length - 1);
        for (var position = from; position <= last; position++)
        {
            if ((step.Choice is null || Accepts(step, text[position])) && EndFrom(text, gap + 1, position) is >= 0 and var end)
            {
                return end;
            }
        }

        return -1;
    }

    private int Branch(ReadOnlySpan<WordSymbols> text, int at, int position)
    {
        ref readonly var step = ref steps[at];
        if (position == text.Length || !step.Hint.MayMeet(text[position].Hint))
        {
            return -1;
        }

        foreach (var symbol in text[position].All)
        {
            foreach (var branch in step.Branches!.GetValueOrDefault(symbol, []))
            {
                if (EndFrom(text, at + branch, position) is >= 0 and var end)
                {
                    return end;
                }
            }
        }

        return -1;
    }

    private static bool Accepts(in Step step, in WordSymbols word) =>
        step.Hint.MayMeet(word.Hint) && (step.Choice is { } choice ? word.All.ContainsAny(choice) : word.All.Contains(step.Symbol));
}
