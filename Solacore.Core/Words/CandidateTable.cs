using System.Runtime.InteropServices;

namespace Solacore.Core.Words;

/// <summary>
/// Which phrases of a book may begin at a word. Hundreds begin with "I" or "我", few of them with the same two words: they are
/// looked up by both, and read on from there. Of those few only the ones whose next word seems to be within reach are worth
/// trying.
/// </summary>
internal sealed class CandidateTable
{
    // In the order of the phrases, and of each its preferred ways to begin first.
    private readonly List<Opening> _openings = [];
    private readonly FirstWord[] _firstWords;

    // By first and second word.
    private readonly Dictionary<(int First, int Second), Part> _bySecond;
    private readonly Candidate[] _candidates;

    public CandidateTable(List<Phrase> phrases, int symbolCount)
    {
        var whateverFollows = new List<Candidate>?[symbolCount];
        var secondHints = new SymbolHint[symbolCount];
        var bySecond = new Dictionary<(int First, int Second), List<Candidate>>();
        foreach (var phrase in phrases)
        {
            foreach (var beginning in phrase.Beginnings())
            {
                var candidate = new Candidate(_openings.Count, beginning.Reach, beginning.Next);
                _openings.Add(new Opening(phrase, beginning.Rest, beginning.Seconds is null ? 1 : 2));
                foreach (var first in beginning.Firsts)
                {
                    if (beginning.Seconds is not { } seconds)
                    {
                        (whateverFollows[first] ??= []).Add(candidate);
                        continue;
                    }

                    secondHints[first] = secondHints[first].With(SymbolHint.Of(seconds));
                    foreach (var second in seconds)
                    {
                        ref var both = ref CollectionsMarshal.GetValueRefOrAddDefault(bySecond, (first, second), out _);
                        (both ??= []).Add(candidate);
                    }
                }
            }
        }

        var all = new List<Candidate>();
        _firstWords = [.. whateverFollows.Zip(secondHints, (those, hint) => new FirstWord(hint, Keep(those ?? [])))];
        _bySecond = bySecond.ToDictionary(both => both.Key, both => Keep(both.Value));
        _candidates = [.. all];

        Part Keep(List<Candidate> those)
        {
            all.AddRange(those);
            return new Part(all.Count - those.Count, those.Count);
        }
    }

    public Opening this[int number] => _openings[number];

    /// <summary>Adds the numbers of the openings that may begin with this rest of a sentence, in order; some may come twice.</summary>
    /// <param name="rest">At least one word.</param>
    /// <param name="numbers">Empty at first.</param>
    public void Find(ReadOnlySpan<WordSymbols> rest, List<int> numbers)
    {
        foreach (var first in rest[0].All)
        {
            ref readonly var firstWord = ref _firstWords[first];
            AddLikely(firstWord.WhateverFollows, rest[1..], numbers);
            if (rest.Length == 1 || !rest[1].Hint.MayMeet(firstWord.SecondHint))
            {
                continue;
            }

            foreach (var second in rest[1].All)
            {
                if (_bySecond.TryGetValue((first, second), out var both))
                {
                    AddLikely(both, rest[2..], numbers);
                }
            }
        }

        numbers.Sort();
    }

    private void AddLikely(Part among, ReadOnlySpan<WordSymbols> then, List<int> numbers)
    {
        foreach (ref readonly var candidate in _candidates.AsSpan(among.Start, among.Count))
        {
            if (candidate.Next == SymbolHint.Any || IsWithinReach(candidate, then))
            {
                numbers.Add(candidate.Opening);
            }
        }
    }

    private static bool IsWithinReach(in Candidate candidate, ReadOnlySpan<WordSymbols> then)
    {
        for (var i = 0; i <= candidate.Reach && i < then.Length; i++)
        {
            if (then[i].Hint.MayMeet(candidate.Next))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A phrase of which the first words were found.</summary>
    /// <param name="Rest">The step at which it goes on.</param>
    /// <param name="Length">How many words were found.</param>
    internal readonly record struct Opening(Phrase Phrase, int Rest, int Length);

    /// <param name="Opening">Its number.</param>
    /// <param name="Reach">Over how many other words one of the next ones may follow.</param>
    /// <param name="Next">The words of which one must follow; <see cref="SymbolHint.Any"/> where none need to.</param>
    private readonly record struct Candidate(int Opening, int Reach, SymbolHint Next);

    /// <summary>Some of the candidates, side by side.</summary>
    private readonly record struct Part(int Start, int Count);

    /// <param name="SecondHint">Of all second words that are asked for.</param>
    /// <param name="WhateverFollows">Those that say nothing of the second word.</param>
    private readonly record struct FirstWord(SymbolHint SecondHint, Part WhateverFollows);
}
