using Solacore.Core.Words;

namespace Solacore.Core.Safety;

/// <summary>What a person in acute distress speaks of.</summary>
public enum CrisisKind
{
    /// <summary>The wish to die or a plan to end one's life.</summary>
    WishToDie,

    /// <summary>Hurting oneself, done or intended.</summary>
    SelfInjury,

    /// <summary>No reason left to live, not able to go on, being a burden.</summary>
    Hopelessness,
}

/// <summary>A class name only: the words of the person leave the detector in no form.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Language">Language of the phrase that was recognised: <c>en</c>, <c>es</c> or <c>zh</c>.</param>
public sealed record CrisisMatch(CrisisKind Kind, string Language);

/// <summary>
/// Recognises that the person who writes may be in danger. It looks for phrases (files <c>Words/crisis.*.txt</c>),
/// then asks of each: is it an idiom, is it denied, is it about somebody else, is it a quotation? In all but short texts
/// everything that was said adds up (<see cref="WordWeights"/>): clear phrases, hints of many classes (means at hand, farewells,
/// being a burden, …), and the words around them.
/// <para>
/// Worry about another person ("my friend wants to kill herself") is deliberately no match, because somebody who asks how
/// to help a friend needs the conversation; unless it cannot wait ("she has locked herself in"): then the helplines help more.
/// </para>
/// </summary>
public static class CrisisDetector
{
    internal const string Topic = "crisis";

    /// <summary>A denial or a person counts when it stands at most so many words before the phrase.</summary>
    private const int DenialReach = 5;

    private const int SubjectReach = 6;

    /// <summary>A comma ends the reach of a denial, except so close to it ("never, ever").</summary>
    private const int DenialReachOverComma = 2;

    /// <summary>A bare "suicide" in a text of so few words is about the writer.</summary>
    private const int FewWords = 4;

    private static readonly PhraseBook Book = PhraseBook.Load(Topic);

    private const string HintPrefix = "hint-";

    /// <summary>Log-odds above which a text is a sign of danger: a little less than even, for what is missed is worse than what is asked in vain.</summary>
    private const double Enough = -0.2;

    /// <summary>In a long text a sentence stands for itself that has at most so many words besides a clear phrase.</summary>
    private const int FewOtherWords = 3;

    private static readonly WordWeights Weights = WordWeights.Load(Topic);

    /// <summary>The first sign of danger in the raw text, or null. Linear in the length of the text but for each clear phrase that is doubted; never throws.</summary>
    public static CrisisMatch? Detect(string text)
    {
        var (words, said, clear) = Read(text);
        var (logOdds, language) = Weights.Score(words, said);
        return logOdds > Enough
            ? clear.Select(Sign).FirstOrDefault() ?? new CrisisMatch(CrisisKind.Hopelessness, language)
            : clear.Where(match => IsMeant(match, words, said)).Select(Sign).FirstOrDefault();
    }

    /// <summary>Whether a short text is a sign of danger. Where it has no rest that could speak against it, a clear phrase decides.</summary>
    internal static bool IsDanger(double logOdds, bool hasClearPhrase, int words) =>
        logOdds > Enough || (hasClearPhrase && words < WordWeights.WordsToDoubt);

    /// <summary>Whether a clear phrase holds among the words around it.</summary>
    private static bool IsMeant(PhraseMatch match, List<Word> words, List<PhraseMatch> said)
    {
        var (logOdds, count) = Weights.Around(match, words, said);
        return IsDanger(logOdds, hasClearPhrase: true, count) || (count < words.Count && StandsAlone(match, words));
    }

    /// <summary>Whether the sentence says little besides.</summary>
    private static bool StandsAlone(PhraseMatch match, List<Word> words)
    {
        var sentence = words[match.Start].Sentence;
        var (first, end) = (match.Start, match.End);
        while (first > 0 && words[first - 1].Sentence == sentence && match.Start - first <= FewOtherWords)
        {
            first--;
        }

        while (end < words.Count && words[end].Sentence == sentence && end - match.End <= FewOtherWords)
        {
            end++;
        }

        return match.Start - first + (end - match.End) <= FewOtherWords;
    }

    /// <summary>The words, the phrases without the signs that are denied, somebody else's or no danger now, and those of them that are clear.</summary>
    internal static (List<Word> Words, List<PhraseMatch> Said, List<PhraseMatch> Clear) Read(string text)
    {
        var findings = Book.Find(text);
        var context = new Context(findings);
        var said = findings.Matches.FindAll(match => !IsSign(match.Phrase.Label) || context.IsPresentDanger(match));
        return (findings.Words, said, context.IsPlay || context.IsOver ? [] : said.FindAll(match => KindOf(match.Phrase.Label) is not null));
    }

    private static CrisisMatch Sign(PhraseMatch match) => new(KindOf(match.Phrase.Label)!.Value, match.Phrase.Language);

    private static bool IsSign(string label) => KindOf(label) is not null || label.StartsWith(HintPrefix, StringComparison.Ordinal);

    // "wish" is clear by itself; "wish-topic" (suicide, overdose) needs a first person and no other subject nearby.
    private static CrisisKind? KindOf(string label) => label switch
    {
        "wish" or "wish-topic" or "other-wish" or "other-alarm" => CrisisKind.WishToDie,
        "injury" or "injury-topic" => CrisisKind.SelfInjury,
        "hopeless" => CrisisKind.Hopelessness,
        _ => null,
    };

    private sealed class Context(Findings findings)
    {
        private readonly bool[] _idiom = findings.CoveredBy("idiom");
        private readonly bool[] _denial = findings.CoveredBy("deny");
        private readonly bool[] _noDenial = findings.CoveredBy("no-denial");
        private readonly bool[] _self = findings.CoveredBy("self");
        private readonly bool[] _mine = findings.CoveredBy("mine");
        private readonly bool[] _sign = findings.CoveredBy(IsSign);
        private readonly bool[] _other = findings.CoveredBy("other");
        private readonly bool[] _turn = findings.CoveredBy("turn");
        private readonly bool _aboutATopic = findings.Of("topic").Any();
        private readonly bool _reported = findings.Of("report").Any();
        private readonly bool _urgent = findings.Of("alarm").Any();

        /// <summary>Nobody dies in a video game.</summary>
        public bool IsPlay { get; } = findings.Of("game").Any();

        /// <summary>Somebody who tells of a danger that is behind them.</summary>
        public bool IsOver { get; } = findings.Of("recovered").Any() && !findings.Of("returning").Any();

        public bool IsPresentDanger(PhraseMatch match)
        {
            if (_idiom.AsSpan(match.Start, match.End - match.Start).Contains(true) || IsDenied(match) || (_reported && findings.Words[match.Start].Quoted && !_urgent))
            {
                return false;
            }

            return match.Phrase.Label switch
            {
                // It names its own urgency ("she took all the pills"), so nothing else need be said.
                "other-alarm" => true,
                "other-wish" => _urgent && !_aboutATopic,
                "wish-topic" or "injury-topic" => IsPersonal(match),
                _ => !IsAboutSomebodyElse(match) || (_urgent && !_aboutATopic),
            };
        }

        private bool IsDenied(PhraseMatch match)
        {
            // A phrase that starts with a denial ("no reason to live") carries its own.
            if (_denial[match.Start])
            {
                return false;
            }

            var sentence = findings.Words[match.Start].Sentence;
            for (var i = match.Start - 1; i >= 0 && match.Start - i <= DenialReach && findings.Words[i].Sentence == sentence; i--)
            {
                if (_turn[i])
                {
                    return false;
                }

                // "I can't any more, I want to die": what is part of a sign denies no other.
                if (_denial[i] && !_sign[i] && (findings.Words[i].Clause == findings.Words[match.Start].Clause || match.Start - i <= DenialReachOverComma))
                {
                    return !_noDenial[i];
                }
            }

            return false;
        }

        private bool IsAboutSomebodyElse(PhraseMatch match)
        {
            if (_self.AsSpan(match.Start, match.End - match.Start).Contains(true) || _mine.AsSpan(match.Start, match.End - match.Start).Contains(true))
            {
                return false;
            }

            var sentence = findings.Words[match.Start].Sentence;
            for (var i = match.Start - 1; i >= 0 && match.Start - i <= SubjectReach && findings.Words[i].Sentence == sentence; i--)
            {
                if (_self[i])
                {
                    return false;
                }

                if (_other[i])
                {
                    return true;
                }
            }

            return false;
        }

        private bool IsPersonal(PhraseMatch match)
        {
            if (_aboutATopic || IsAboutSomebodyElse(match) || _other.Contains(true))
            {
                return false;
            }

            return findings.Words.Count <= FewWords || _self.Contains(true) || _mine.Contains(true);
        }
    }
}
