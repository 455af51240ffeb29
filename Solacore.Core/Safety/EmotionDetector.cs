using Solacore.Core.Safety.Phrases;

namespace Solacore.Core.Safety;

/// <summary>How a text sounds.</summary>
/// <param name="Label"><c>anxious</c>, <c>sad</c>, <c>calm</c>, <c>confused</c> or <c>neutral</c>.</param>
/// <param name="Confidence">0–1, two decimals.</param>
public sealed record Emotion(string Label, double Confidence)
{
    /// <summary>The answer when nothing speaks for a feeling.</summary>
    public static readonly Emotion Neutral = new("neutral", 0.5);
}

/// <summary>
/// Weighs the words of a text (files <c>Words/emotion.*.txt</c> and, where they find nothing, <c>Words/emotion-hints.*.txt</c>).
/// With n matches of mean weight a, a category has the confidence min(1, a · (1 + 0.1 · (n − 1))); the highest wins.
/// </summary>
public static class EmotionDetector
{
    /// <summary>A denial turns a word around when it stands at most so many words before it.</summary>
    private const int DenialReach = 3;

    /// <summary>"Proud of him, of course, but …": what stands before the turn counts for less.</summary>
    private const double WeightBeforeTurn = 0.6;

    /// <summary>With what neutral goes into the vote of the hints: more than any of them weighs alone, so that it takes two.</summary>
    private const double NeutralVote = 0.55;

    /// <summary>Ties are decided in this order. Only hints speak for neutral, against other hints.</summary>
    private static readonly string[] Categories = ["neutral", "anxious", "sad", "calm", "confused"];

    private static readonly PhraseBook Book = PhraseBook.Load("emotion");

    /// <summary>Ordinary words that lean to a feeling; they speak only where the book finds none.</summary>
    private static readonly PhraseBook Hints = PhraseBook.Load("emotion-hints");

    /// <summary>The feeling that is strongest in the text; <see cref="Emotion.Neutral"/> for none. Linear, never throws.</summary>
    public static Emotion Detect(string text) =>
        Strongest(Book.Find(text), votesForNeutral: 0) ?? Strongest(Hints.Find(text), votesForNeutral: 1) ?? Emotion.Neutral;

    private static Emotion? Strongest(Findings findings, int votesForNeutral)
    {
        if (findings.Matches.Count == 0)
        {
            return null;
        }

        Span<double> sums = stackalloc double[Categories.Length];
        Span<int> counts = stackalloc int[Categories.Length];
        sums.Clear();
        counts.Clear();
        sums[0] = votesForNeutral * NeutralVote;
        counts[0] = votesForNeutral;
        var denials = findings.CoveredBy("deny");
        var turn = findings.Of("turn").Select(match => match.Start).DefaultIfEmpty(0).Max();
        var free = 0;
        foreach (var match in Longest(findings.Matches))
        {
            var category = Array.IndexOf(Categories, CategoryOf(match, findings.Words, denials.AsSpan(free..match.End), free));
            free = match.End;
            if (category < 0)
            {
                continue;
            }

            sums[category] += match.Phrase.Weight * (match.Start < turn ? WeightBeforeTurn : 1);
            counts[category]++;
        }

        Emotion? best = null;
        for (var i = 0; i < Categories.Length; i++)
        {
            if (counts[i] == 0)
            {
                continue;
            }

            var confidence = Math.Min(1, sums[i] / counts[i] * (1 + (0.1 * (counts[i] - 1))));
            if (confidence > (best?.Confidence ?? 0))
            {
                best = new Emotion(Categories[i], confidence);
            }
        }

        return best switch
        {
            null => null,
            { Label: "neutral" } => Emotion.Neutral,
            _ => best with { Confidence = Math.Round(best.Confidence, 2, MidpointRounding.AwayFromZero) },
        };
    }

    /// <summary>Of overlapping phrases the one that begins first, then the longest: "weight loss" is not "loss".</summary>
    private static IEnumerable<PhraseMatch> Longest(List<PhraseMatch> matches)
    {
        var end = 0;
        foreach (var match in matches.Where(match => match.Phrase.Label is not ("deny" or "turn")).OrderBy(match => match.Start).ThenByDescending(match => match.End))
        {
            if (match.Start < end)
            {
                continue;
            }

            end = match.End;
            yield return match;
        }
    }

    // A label "calm>sad" reads: calm, but sad when denied ("not happy"). Without ">" a denied word says nothing.
    // A denial inside the phrase before ("I don't know what should I do") was used up there: only words from "free" on count.
    private static string CategoryOf(PhraseMatch match, List<Word> words, ReadOnlySpan<bool> denials, int free)
    {
        var label = match.Phrase.Label.AsSpan();
        var turn = label.IndexOf('>');
        if (!IsDenied(match, words, denials, free))
        {
            return (turn < 0 ? label : label[..turn]).ToString();
        }

        return turn < 0 ? "" : label[(turn + 1)..].ToString();
    }

    private static bool IsDenied(PhraseMatch match, List<Word> words, ReadOnlySpan<bool> denials, int free)
    {
        if (denials[match.Start - free])
        {
            return false;
        }

        for (var i = match.Start - 1; i >= free && match.Start - i <= DenialReach && words[i].Clause == words[match.Start].Clause; i--)
        {
            if (denials[i - free])
            {
                return true;
            }
        }

        return false;
    }
}
