namespace Solacore.Core.Safety.Phrases;

/// <summary>
/// Which phrases of a book may begin at a word. Hundreds begin with "I" or "我", few of them with the same two words: they are
/// looked up by both. Of those few only the ones whose next word seems to be within reach are worth trying.
/// </summary>
internal sealed class CandidateTable
{
    // By first word; null where no phrase begins with it.
    private readonly FirstWord?[] _firstWords;

    public CandidateTable(IReadOnlyList<Phrase> phrases, int symbolCount)
    {
        _firstWords = new FirstWord?[symbolCount];
        var beginnings = phrases.SelectMany((phrase, number) => phrase.Beginnings().Select(beginning => (Beginning: beginning, Phrase: number)));
        foreach (var first in beginnings.GroupBy(b => b.Beginning.First))
        {
            var bySecond = first.Where(b => b.Beginning.Second is not null).GroupBy(b => b.Beginning.Second!.Value).ToDictionary(second => second.Key, Candidates);
            _firstWords[first.Key] = new FirstWord(Candidates(first.Where(b => b.Beginning.Second is null)), bySecond, WordSymbols.HintOf(bySecond.Keys));
        }
    }

    private static Candidate[] Candidates(IEnumerable<(Phrase.Beginning Beginning, int Phrase)> beginnings) =>
        [.. beginnings.GroupBy(b => b.Phrase, b => b.Beginning).Select(same => new Candidate(same.Key, NextHint(same), same.Max(b => b.Reach)))];

    private static ulong NextHint(IEnumerable<Phrase.Beginning> beginnings) =>
        beginnings.Any(b => b.Next is null) ? AnyWord : WordSymbols.HintOf(beginnings.SelectMany(b => b.Next!));

    /// <summary>Adds the phrases, by number, that may begin with this rest of a sentence.</summary>
    /// <param name="rest">At least one word.</param>
    /// <param name="candidates">Empty at first.</param>
    public void Find(ReadOnlySpan<WordSymbols> rest, List<int> candidates)
    {
        var lists = 0;
        foreach (var symbol in rest[0].All)
        {
            if (_firstWords[symbol] is not { } first)
            {
                continue;
            }

            lists += AddLikely(first.WhateverFollows, rest[1..], candidates);
            if (rest.Length == 1 || (rest[1].Hint & first.SecondHint) == 0)
            {
                continue;
            }

            foreach (var second in rest[1].All)
            {
                if (first.BySecond.TryGetValue(second, out var both))
                {
                    lists += AddLikely(both, rest[2..], candidates);
                }
            }
        }

        if (lists > 1)
        {
            candidates.Sort();
            RemoveRepeated(candidates);
        }
    }

    /// <returns>One when there were any, else zero.</returns>
    private static int AddLikely(Candidate[] among, ReadOnlySpan<WordSymbols> then, List<int> candidates)
    {
        var before = candidates.Count;
        foreach (ref readonly var candidate in among.AsSpan())
        {
            if (candidate.NextHint == AnyWord || IsWithinReach(candidate, then))
            {
                candidates.Add(candidate.Phrase);
            }
        }

        return candidates.Count > before ? 1 : 0;
    }

    private static bool IsWithinReach(in Candidate candidate, ReadOnlySpan<WordSymbols> then)
    {
        for (var i = 0; i <= candidate.Reach && i < then.Length; i++)
        {
            if ((then[i].Hint & candidate.NextHint) != 0)
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

    /// <summary>In place of a hint: the phrase may end here, so no further word is needed.</summary>
    private const ulong AnyWord = ulong.MaxValue;

    /// <param name="Phrase">Its number.</param>
    /// <param name="NextHint">Of the words of which one must follow, see <see cref="WordSymbols.Hint"/>.</param>
    /// <param name="Reach">Over how many other words it may follow.</param>
    private readonly record struct Candidate(int Phrase, ulong NextHint, int Reach);

    /// <summary>The phrases that begin with one word.</summary>
    /// <param name="WhateverFollows">Those that say nothing of the second word.</param>
    /// <param name="BySecond">The others, by it.</param>
    /// <param name="SecondHint">Of all second words.</param>
    private sealed record FirstWord(Candidate[] WhateverFollows, Dictionary<int, Candidate[]> BySecond, ulong SecondHint);
}
