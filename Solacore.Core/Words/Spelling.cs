using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;
using Solacore.Core.Language;

namespace Solacore.Core.Words;

/// <summary>
/// Undoes what hides a word from a list: <c>su1cide</c>, <c>dieeee</c>, <c>su*cide</c>, <c>s.u.i.c.i.d.e</c>,
/// <c>#killmyself</c>, <c>suicde</c>. A word that the book knows is never touched; a hidden word is only ever
/// turned into one that it knows, and the far-reaching repairs only into the book's guarded words.
/// </summary>
internal sealed class Spelling(Func<string, bool> isKnown, Func<string, bool> isListed, IReadOnlyCollection<string> guardedWords)
{
    /// <summary>Longer strings are no words; the limit bounds the work on hostile input.</summary>
    private const int LongestWord = 40;

    private const int FewestSpacedLetters = 3;

    private readonly FrozenSet<string> _guarded = guardedWords.ToFrozenSet(StringComparer.Ordinal);

    // What makes the far-reaching repairs cheap: most words share no beginning with a guarded word.
    private readonly FrozenSet<string> _beginnings = guardedWords
        .SelectMany(word => Enumerable.Range(1, word.Length).Select(length => word[..length])).ToFrozenSet(StringComparer.Ordinal);

    private readonly string[][] _guardedByFirst = ByFirst(guardedWords);

    private readonly int _shortestGuarded = guardedWords.Select(word => word.Length).DefaultIfEmpty(int.MaxValue).Min();

    private static string[][] ByFirst(IReadOnlyCollection<string> words)
    {
        var byFirst = words.ToLookup(word => word[0]);
        return [.. Enumerable.Range(0, 128).Select(c => byFirst[(char)c].ToArray())];
    }

    private string[] GuardedFrom(char first) => first < _guardedByFirst.Length ? _guardedByFirst[first] : [];

    /// <returns>The same list where nothing is hidden, as in most texts.</returns>
    public List<Word> Repair(List<Word> words)
    {
        List<Word>? repaired = null;
        for (var i = 0; i < words.Count;)
        {
            var (texts, count) = Repaired(words, i);
            if (texts is null)
            {
                repaired?.Add(words[i]);
            }
            else
            {
                repaired ??= BeginningOf(words, i);
                foreach (var text in texts)
                {
                    repaired.Add(words[i] with { Text = text });
                }
            }

            i += count;
        }

        return repaired ?? words;
    }

    private static List<Word> BeginningOf(List<Word> words, int count)
    {
        var beginning = new List<Word>(words.Count);
        beginning.AddRange(CollectionsMarshal.AsSpan(words)[..count]);
        return beginning;
    }

    /// <summary>What the words from here on hide, and how many of them do; null and 1 where the word stays as it is.</summary>
    private (string[]? Texts, int Count) Repaired(List<Word> words, int start)
    {
        if (Han.Is(words[start].Text[0]))
        {
            return (null, 1);
        }

        var spaced = SpacedLetters(words, start);
        if (spaced >= FewestSpacedLetters && Split(string.Concat(words.Slice(start, spaced).Select(word => word.Text))) is { } pieces)
        {
            return (pieces, spaced);
        }

        var joined = JoinedParts(words, start);
        return joined > 1
            ? ([string.Concat(words.Slice(start, joined).Select(word => word.Text))], joined)
            : (Repaired(words[start].Text), 1);
    }

    /// <summary>Null where the word stays as it is.</summary>
    private string[]? Repaired(string word)
    {
        if (word.Length is < 2 or > LongestWord || isKnown(word))
        {
            return null;
        }

        if (word.Contains('*', StringComparison.Ordinal))
        {
            return GuardedFrom(word[0]).FirstOrDefault(guarded => FitsMask(word, guarded)) is { } masked ? [masked] : null;
        }

        var letters = WithoutLeet(word);
        if (!ReferenceEquals(letters, word) && (isKnown(letters) || _guarded.Contains(letters)))
        {
            return [letters];
        }

        // "thinkin bout endin it"
        if (letters.EndsWith("in", StringComparison.Ordinal) && isKnown(letters + "g"))
        {
            return [letters + "g"];
        }

        foreach (var most in (ReadOnlySpan<int>)[2, 1])
        {
            if (HoldsDouble(letters) && Shortened(letters, most) is var shortened && shortened.Length < letters.Length && isKnown(shortened))
            {
                return [shortened];
            }
        }

        if (letters.Length > _shortestGuarded && Split(letters) is { } pieces)
        {
            return pieces;
        }

        return GuardedFrom(letters[0]).FirstOrDefault(guarded => IsOneSlipAway(letters, guarded)) is { } meant ? [meant] : null;
    }

    /// <summary>How many single letters stand in a row from here on.</summary>
    private static int SpacedLetters(List<Word> words, int start)
    {
        var end = start;
        while (end < words.Count && end - start < LongestWord && words[end].Text is [var c] && char.IsAsciiLetterOrDigit(c))
        {
            end++;
        }

        return end - start;
    }

    /// <summary>How many parts from here on make one guarded word: <c>su-icide</c>, <c>sui cide</c>; 1 when none.</summary>
    private int JoinedParts(List<Word> words, int start)
    {
        const int mostParts = 4;
        if (!_beginnings.Contains(words[start].Text))
        {
            return 1;
        }

        var joined = words[start].Text;
        for (var end = start + 1; end < words.Count && end - start < mostParts && joined.Length < LongestWord; end++)
        {
            // Over a space only when neither part means anything by itself.
            if (!words[end].Glued && (isKnown(words[end].Text) || isKnown(words[end - 1].Text)))
            {
                return 1;
            }

            joined += words[end].Text;
            if (!_beginnings.Contains(joined))
            {
                return 1;
            }

            if (_guarded.Contains(joined))
            {
                return end - start + 1;
            }
        }

        return 1;
    }

    /// <summary>The run-together words, when all of it is known words and one of them is guarded; else null.</summary>
    private string[]? Split(string run)
    {
        if (run.Length > LongestWord || !HoldsGuarded(run))
        {
            return null;
        }

        var best = new string[run.Length + 1][];
        best[0] = [];
        for (var end = 1; end <= run.Length; end++)
        {
            for (var start = 0; start < end; start++)
            {
                if (best[start] is not { } before || (best[end] is { } shorter && shorter.Length <= before.Length + 1))
                {
                    continue;
                }

                var piece = run[start..end];
                if (_guarded.Contains(piece) || (piece.Length > 1 && isListed(piece)) || piece is "i")
                {
                    best[end] = [.. before, piece];
                }
            }
        }

        return best[^1] is { } pieces && pieces.Any(_guarded.Contains) ? pieces : null;
    }

    private bool HoldsGuarded(string run)
    {
        for (var start = 0; start + _shortestGuarded <= run.Length; start++)
        {
            foreach (var guarded in GuardedFrom(run[start]))
            {
                if (string.CompareOrdinal(run, start, guarded, 0, guarded.Length) == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string WithoutLeet(string word)
    {
        if (!word.AsSpan().ContainsAnyInRange('!', '9') && word.AsSpan().IndexOfAny('@', '|') < 0)
        {
            return word;
        }

        var letters = new StringBuilder(word.Length);
        foreach (var c in word)
        {
            letters.Append(c switch
            {
                '0' => 'o',
                '1' or '!' or '|' => 'i',
                '3' => 'e',
                '4' or '@' => 'a',
                '5' or '$' => 's',
                '7' => 't',
                _ => c,
            });
        }

        return letters.ToString();
    }

    private static bool HoldsDouble(string word)
    {
        for (var i = 1; i < word.Length; i++)
        {
            if (word[i] == word[i - 1])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Runs of a letter cut down to <paramref name="most"/>.</summary>
    private static string Shortened(string word, int most)
    {
        var shortened = new StringBuilder(word.Length);
        var run = 0;
        for (var i = 0; i < word.Length; i++)
        {
            run = i > 0 && word[i] == word[i - 1] ? run + 1 : 1;
            if (run <= most)
            {
                shortened.Append(word[i]);
            }
        }

        return shortened.ToString();
    }

    private static bool FitsMask(string masked, string word)
    {
        if (masked.Length != word.Length || masked[0] != word[0])
        {
            return false;
        }

        for (var i = 0; i < word.Length; i++)
        {
            if (masked[i] != word[i] && masked[i] != '*')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One letter missing, added, changed or swapped with its neighbour, in words long enough to be sure.</summary>
    private static bool IsOneSlipAway(string typed, string word)
    {
        const int shortest = 6;
        if (word.Length < shortest || Math.Abs(typed.Length - word.Length) > 1 || typed[0] != word[0])
        {
            return false;
        }

        var from = 0;
        while (from < typed.Length && from < word.Length && typed[from] == word[from])
        {
            from++;
        }

        var same = 0;
        while (same < typed.Length - from && same < word.Length - from && typed[^(same + 1)] == word[^(same + 1)])
        {
            same++;
        }

        var typedLeft = typed.Length - from - same;
        var wordLeft = word.Length - from - same;
        return typedLeft <= 1 && wordLeft <= 1
            || (typedLeft == 2 && wordLeft == 2 && typed[from] == word[from + 1] && typed[from + 1] == word[from]);
    }
}
