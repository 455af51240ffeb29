using System.Runtime.InteropServices;

namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// Which phrases of a book may begin at a word. Hundreds begin with "I" or "我", few of them with the same two words: they are
/// looked up by both. Of those few only the ones whose next word seems to be within reach are worth trying.
/// </summary>
internal sealed class CandidateTable
{
    // By first word; null where no phrase begins with it.
    private readonly FirstWord?[] _firstWords;

    public CandidateTable(List<Phrase> phrases, int symbolCount)
    {
        _firstWords = new FirstWord?[symbolCount];
        for (var number = 0; number < phrases.Count; number++)
        {
            foreach (var beginning in phrases[number].Beginnings())
            {
                var candidate = new Candidate(number, beginning.Next, beginning.Reach);
                foreach (var first in beginning.Firsts)
                {
                    (_firstWords[first] ??= new FirstWord()).Add(beginning.Seconds, candidate);
                }
            }
        }
    }

    /// <summary>Adds the phrases, by number, that may begin with this rest of a sentence.</summary>
    /// <param name="rest">At least one word.</param>
    /// <param name="candidates">Empty at first.</param>
    public void Find(ReadOnlySpan<WordSymbols> rest, List<int> candidates)
    {
        foreach (var symbol in rest[0].All)
        {
            if (_firstWords[symbol] is not { } first)
            {
                continue;
            }

            AddLikely(first.WhateverFollows, rest[1..], candidates);
            if (rest.Length == 1 || !rest[1].Hint.MayMeet(first.SecondHint))
            {
                continue;
            }

            foreach (var second in rest[1].All)
            {
                if (first.BySecond.TryGetValue(second, out var both))
                {
                    AddLikely(both, rest[2..], candidates);
                }
            }
        }

        if (candidates.Count > 1)
        {
            candidates.Sort();
            RemoveRepeated(candidates);
        }
    }

    private static void AddLikely(List<Candidate> among, ReadOnlySpan<WordSymbols> then, List<int> candidates)
    {
        foreach (ref readonly var candidate in CollectionsMarshal.AsSpan(among))
        {
            if (candidate.Next == SymbolHint.Any || IsWithinReach(candidate, then))
            {
                candidates.Add(candidate.Phrase);
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

    private static void RemoveRepeated(List<int> sorted)
    {
        var kept = 1;
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i] != sorted[kept - 1])
            {
                sorted[kept++] = sorted[i];
            }
        }

        sorted.RemoveRange(kept, sorted.Count - kept);
    }

    /// <param name="Phrase">Its number.</param>
    /// <param name="Next">The words of which one must follow; <see cref="SymbolHint.Any"/> where none need to.</param>
    /// <param name="Reach">Over how many other words it may follow.</param>
    private readonly record struct Candidate(int Phrase, SymbolHint Next, int Reach);

    /// <summary>The phrases that begin with one word.</summary>
    private sealed class FirstWord
    {
        /// <summary>Those that say nothing of the second word.</summary>
        public List<Candidate> WhateverFollows { get; } = [];

        /// <summary>The others, by it.</summary>
        public Dictionary<int, List<Candidate>> BySecond { get; } = [];

        /// <summary>Of all second words.</summary>
        public SymbolHint SecondHint { get; private set; }

        public void Add(int[]? seconds, Candidate candidate)
        {
            if (seconds is null)
            {
                Add(WhateverFollows, candidate);
                return;
            }

            SecondHint = SecondHint.With(SymbolHint.Of(seconds));
            foreach (var second in seconds)
            {
                ref var both = ref CollectionsMarshal.GetValueRefOrAddDefault(BySecond, second, out _);
                Add(both ??= [], candidate);
            }
        }

        // Phrases come one after the other; another way to begin the same one makes it likelier.
        private static void Add(List<Candidate> candidates, Candidate candidate)
        {
            if (candidates is [.., var last] && last.Phrase == candidate.Phrase)
            {
                candidates[^1] = new Candidate(last.Phrase, last.Next.With(candidate.Next), Math.Max(last.Reach, candidate.Reach));
            }
            else
            {
                candidates.Add(candidate);
            }
        }
    }
}
