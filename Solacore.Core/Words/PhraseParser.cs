using System.Globalization;

namespace Solacore.Core.Words;

/// <summary>
/// Reads the word files. One line is <c>label [weight]: phrase</c> or <c>$name = phrase</c>; a phrase is
/// <list type="bullet">
/// <item><c>word</c> the word itself, in any spelling that folds to it; <c>word*</c> any word that starts so;</item>
/// <item><c>(a b | c)</c> one of several; <c>$name</c> what was named before; a <c>?</c> behind either makes it optional;</item>
/// <item><c>~3</c> up to three words of any kind, within the sentence;</item>
/// <item><c>.</c> the end of a part of a sentence: a comma, a full stop, an emoji or the end of the text follows.</item>
/// </list>
/// The lines <c>guard: word …</c> (long words whose misspellings are repaired) and <c>alias: word short …</c> (other ways to
/// write a word) are read by <see cref="PhraseBook"/>. Chinese is written without spaces: each character is a word.
/// </summary>
internal sealed class PhraseParser(Dictionary<string, int> symbols)
{
    /// <summary>What the last word of a part of a sentence answers to besides its own entries; no word is written so.</summary>
    public const string End = ".";

    // Parsed once and copied wherever it is used: the files use some names hundreds of times.
    private readonly Dictionary<string, List<Draft>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _read = new(StringComparer.Ordinal);

    public Phrase? Line(string line, string language)
    {
        if (line.StartsWith('$'))
        {
            var definition = line.Split('=', 2);
            if (definition.Length != 2)
            {
                throw new FormatException($"Expected '$name = phrase' in the {language} word file: {line}");
            }

            _names[definition[0].Trim()] = Parse(definition[1], line, language);
            return null;
        }

        var parts = line.Split(':', 2);
        if (parts.Length != 2)
        {
            throw new FormatException($"Expected 'label: phrase' in the {language} word file: {line}");
        }

        var head = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var weight = head.Length > 1 ? double.Parse(head[1], CultureInfo.InvariantCulture) : 1;
        var steps = Parse(parts[1], line, language);
        steps.Add(new Draft(Phrase.Kind.Done));
        return new Phrase(head[0], language, weight, [.. steps.Select((step, at) => Finished(step, at, steps))]);
    }

    private List<Draft> Parse(string phrase, string line, string language)
    {
        var steps = new List<Draft>();
        var rest = Tokens(phrase);
        Alternatives(rest, steps);
        return rest.Count == 0 ? steps : throw new FormatException($"Unexpected '{rest.Peek()}' in the {language} word file: {line}");
    }

    private sealed record Draft(Phrase.Kind Kind, List<int>? Words = null, int Else = 0, int Most = 0, List<(int Offset, List<int> First)>? Branches = null);

    private static Phrase.Step Finished(Draft draft, int at, List<Draft> steps) => draft switch
    {
        { Kind: Phrase.Kind.Switch, Branches: { } branches } => new Phrase.Step(Phrase.Kind.Switch, Branches: BranchTable(branches)),
        { Kind: Phrase.Kind.Gap } => new Phrase.Step(Phrase.Kind.Gap, Most: draft.Most, Choice: FirstWords(steps, at + 1)?.ToArray()),
        { Words: [var only] } => new Phrase.Step(draft.Kind, only),
        { Words: { } several } => new Phrase.Step(draft.Kind, Choice: [.. several]),
        _ => new Phrase.Step(draft.Kind, Else: draft.Else),
    };

    private static Dictionary<int, int[]> BranchTable(List<(int Offset, List<int> First)> branches)
    {
        var table = new Dictionary<int, int[]>();
        foreach (var (offset, first) in branches)
        {
            foreach (var symbol in first.Distinct())
            {
                table[symbol] = [.. table.GetValueOrDefault(symbol, []), offset];
            }
        }

        return table;
    }

    private void Alternatives(Queue<string> tokens, List<Draft> steps)
    {
        var choices = new List<List<Draft>>();
        do
        {
            var choice = new List<Draft>();
            Sequence(tokens, choice);
            choices.Add(choice);
        }
        while (tokens.TryPeek(out var next) && next == "|" && tokens.Dequeue() == "|");

        // A list of single words is one look-up instead of a chain of attempts.
        var singles = choices.Where(choice => choice is [{ Kind: Phrase.Kind.Word }]).ToList();
        if (singles.Count > 1)
        {
            choices.RemoveAll(singles.Contains);
            choices.Add([new Draft(Phrase.Kind.Word, [.. singles.SelectMany(single => single[0].Words!)])]);
        }

        if (choices.Count == 1)
        {
            Append(choices[0], steps);
            return;
        }

        // Dozens of alternatives are tried at every word of a text; one look at the word finds the few that begin with it.
        var firsts = choices.ConvertAll(choice => FirstWords(choice, 0));
        var branches = firsts.Contains(null) ? null : new List<(int, List<int>)>();
        var start = steps.Count;
        if (branches is not null)
        {
            steps.Add(new Draft(Phrase.Kind.Switch, [.. firsts.SelectMany(first => first!)], Branches: branches));
        }

        var jumps = new List<int>();
        for (var i = 0; i < choices.Count; i++)
        {
            var isLast = i == choices.Count - 1;
            if (branches is null && !isLast)
            {
                steps.Add(new Draft(Phrase.Kind.Try, Else: steps.Count + choices[i].Count + 2));
            }

            branches?.Add((steps.Count - start, firsts[i]!));
            Append(choices[i], steps);
            if (!isLast)
            {
                jumps.Add(steps.Count);
                steps.Add(new Draft(Phrase.Kind.Jump));
            }
        }

        foreach (var jump in jumps)
        {
            steps[jump] = steps[jump] with { Else = steps.Count };
        }
    }

    /// <summary>The words that the steps from <paramref name="start"/> on may begin with; null when they may begin with any or match nothing.</summary>
    private static List<int>? FirstWords(List<Draft> steps, int start)
    {
        var first = new List<int>();
        var open = new Stack<int>([start]);
        while (open.TryPop(out var at))
        {
            if (at == steps.Count || steps[at].Kind is Phrase.Kind.Gap or Phrase.Kind.End or Phrase.Kind.Done)
            {
                return null;
            }

            var step = steps[at];
            switch (step.Kind)
            {
                case Phrase.Kind.Try:
                    open.Push(at + 1);
                    open.Push(step.Else);
                    break;
                case Phrase.Kind.Jump:
                    open.Push(step.Else);
                    break;
                default:
                    first.AddRange(step.Words!);
                    break;
            }
        }

        return first;
    }

    private void Sequence(Queue<string> tokens, List<Draft> steps)
    {
        while (tokens.TryPeek(out var token) && token is not ("|" or ")"))
        {
            tokens.Dequeue();
            var item = new List<Draft>();
            switch (token)
            {
                case "(":
                    Alternatives(tokens, item);
                    if (!tokens.TryDequeue(out var closing) || closing != ")")
                    {
                        throw new FormatException("A bracket is not closed in a word file.");
                    }

                    break;
                case ['$', ..]:
                    if (!_names.TryGetValue(token, out var definition))
                    {
                        throw new FormatException($"The word files use {token} before it is defined.");
                    }

                    item.AddRange(definition);
                    break;
                case ['~', ..]:
                    item.Add(new Draft(Phrase.Kind.Gap, Most: int.Parse(token.AsSpan(1), CultureInfo.InvariantCulture)));
                    break;
                case End:
                    item.Add(new Draft(Phrase.Kind.End, [Symbol(End)]));
                    break;
                default:
                    item.AddRange(Symbols(token).Select(symbol => new Draft(Phrase.Kind.Word, [symbol])));
                    break;
            }

            if (tokens.TryPeek(out var mark) && mark == "?")
            {
                tokens.Dequeue();
                steps.Add(new Draft(Phrase.Kind.Try, Else: steps.Count + 1 + item.Count));
            }

            Append(item, steps);
        }
    }

    private static void Append(List<Draft> part, List<Draft> steps)
    {
        var offset = steps.Count;
        foreach (var step in part)
        {
            steps.Add(step.Kind is Phrase.Kind.Try or Phrase.Kind.Jump ? step with { Else = step.Else + offset } : step);
        }
    }

    private static List<string> Words(string token)
    {
        var isPrefix = token.EndsWith('*');
        var words = Reading.Of(isPrefix ? token[..^1] : token).ConvertAll(word => word.Text);
        if (words.Count == 0)
        {
            throw new FormatException($"'{token}' in a word file holds no word.");
        }

        if (isPrefix)
        {
            words[^1] += '*';
        }

        return words;
    }

    private int[] Symbols(string token)
    {
        if (!_read.TryGetValue(token, out var found))
        {
            found = [.. Words(token).Select(Symbol)];
            _read.Add(token, found);
        }

        return found;
    }

    private int Symbol(string word)
    {
        if (!symbols.TryGetValue(word, out var symbol))
        {
            symbol = symbols.Count;
            symbols.Add(word, symbol);
        }

        return symbol;
    }

    private static Queue<string> Tokens(string phrase)
    {
        var spaced = phrase.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal)
            .Replace("|", " | ", StringComparison.Ordinal).Replace("?", " ? ", StringComparison.Ordinal);
        return new Queue<string>(spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
