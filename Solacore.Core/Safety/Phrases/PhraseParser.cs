using System.Globalization;

namespace Solacore.Core.Safety.Phrases;

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
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private int _lines;

    /// <summary>The phrases of a line: a list of alternatives is one phrase for each, so that only those are tried that a text may hold.</summary>
    public IReadOnlyList<Phrase> Line(string line, string language)
    {
        if (line.StartsWith('$'))
        {
            var definition = line.Split('=', 2);
            if (definition.Length != 2)
            {
                throw new FormatException($"Expected '$name = phrase' in the {language} word file: {line}");
            }

            _names[definition[0].Trim()] = definition[1].Trim();
            return [];
        }

        var parts = line.Split(':', 2);
        if (parts.Length != 2)
        {
            throw new FormatException($"Expected 'label: phrase' in the {language} word file: {line}");
        }

        var head = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var weight = head.Length > 1 ? double.Parse(head[1], CultureInfo.InvariantCulture) : 1;
        _lines++;
        return AlternativesOf(Tokens(parts[1])).ConvertAll(rest =>
        {
            var steps = new List<Draft>();
            Alternatives(rest, steps);
            if (rest.Count > 0)
            {
                throw new FormatException($"Unexpected '{rest.Peek()}' in the {language} word file: {line}");
            }

            steps.Add(new Draft(Phrase.Kind.Done));
            return new Phrase(head[0], language, weight, _lines, [.. steps.Select(Finished)]);
        });
    }

    /// <summary>What stands between the bars when one bracket is the whole line, the single words together as the last; else the line itself.</summary>
    private static List<Queue<string>> AlternativesOf(Queue<string> line)
    {
        var alternatives = new List<Queue<string>> { new() };
        var depth = 0;
        foreach (var (i, token) in line.Index())
        {
            depth += token switch { "(" => 1, ")" => -1, _ => 0 };
            if (depth == 0 && (i == 0 || i < line.Count - 1))
            {
                return [line];
            }

            if (depth == 1 && token == "|")
            {
                alternatives.Add(new());
            }
            else if (i > 0 && i < line.Count - 1)
            {
                alternatives[^1].Enqueue(token);
            }
        }

        var words = alternatives.FindAll(alternative => alternative.Count == 1 && !alternative.Peek().StartsWith('$'));
        if (words.Count > 0)
        {
            alternatives.RemoveAll(words.Contains);
            alternatives.Add(new(words.SelectMany(word => (string[])["|", word.Peek()]).Skip(1)));
        }

        return alternatives;
    }

    private sealed record Draft(Phrase.Kind Kind, List<int>? Words = null, int Else = 0);

    private static Phrase.Step Finished(Draft draft) => draft switch
    {
        { Kind: Phrase.Kind.Expect, Words: { } first } => new Phrase.Step(Phrase.Kind.Expect, Choice: new SymbolSet(first)),
        { Words: [var only] } => new Phrase.Step(Phrase.Kind.Word, only),
        { Words: { } several } => new Phrase.Step(Phrase.Kind.OneOf, Choice: new SymbolSet(several)),
        _ => new Phrase.Step(draft.Kind, Else: draft.Else),
    };

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

        var jumps = new List<int>();
        foreach (var choice in choices[..^1])
        {
            var start = steps.Count + 1;
            steps.Add(new Draft(Phrase.Kind.Try, Else: start + choice.Count + 1));
            Append(choice, steps);
            jumps.Add(steps.Count);
            steps.Add(new Draft(Phrase.Kind.Jump));
        }

        Append(choices[^1], steps);
        foreach (var jump in jumps)
        {
            steps[jump] = steps[jump] with { Else = steps.Count };
        }

        // Dozens of alternatives are tried at every word of a text; one look at the word rules nearly all of them out.
        if (choices.Count > 1 && FirstWords(steps) is { } first)
        {
            var alternatives = steps.ToList();
            steps.Clear();
            steps.Add(new Draft(Phrase.Kind.Expect, first));
            Append(alternatives, steps);
        }
    }

    /// <summary>The words that these steps may begin with; null when they may begin with any or match nothing.</summary>
    private static List<int>? FirstWords(List<Draft> steps)
    {
        var first = new List<int>();
        var open = new Stack<int>([0]);
        while (open.TryPop(out var at))
        {
            if (at == steps.Count || steps[at].Kind is Phrase.Kind.Any or Phrase.Kind.End)
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

                    Alternatives(Tokens(definition), item);
                    break;
                case ['~', ..]:
                    Gap(int.Parse(token.AsSpan(1), CultureInfo.InvariantCulture), item);
                    break;
                case ".":
                    item.Add(new Draft(Phrase.Kind.End));
                    break;
                default:
                    foreach (var word in Words(token))
                    {
                        item.Add(new Draft(Phrase.Kind.Word, [Symbol(word)]));
                    }

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

    // As few words as possible first: leave the gap at once, else step over one word and try again.
    private static void Gap(int most, List<Draft> steps)
    {
        for (var left = most; left > 0; left--)
        {
            var end = most * 3;
            steps.Add(new Draft(Phrase.Kind.Try, Else: steps.Count + 2));
            steps.Add(new Draft(Phrase.Kind.Jump, Else: end));
            steps.Add(new Draft(Phrase.Kind.Any));
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
