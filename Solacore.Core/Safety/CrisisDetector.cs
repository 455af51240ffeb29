using Solacore.Core.Safety.Phrases;

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
/// then asks of each: is it an idiom, is it denied, is it about somebody else, is it a quotation?
/// <para>
/// Worry about another person ("my friend wants to kill herself") is deliberately no match. A match ends the
/// conversation with helplines for the writer; somebody who asks how to help a friend needs the conversation.
/// </para>
/// </summary>
public static class CrisisDetector
{
    /// <summary>A denial or a person counts when it stands at most so many words before the phrase.</summary>
    private const int DenialReach = 5;

    private const int SubjectReach = 6;

    /// <summary>A comma ends the reach of a denial, except so close to it ("never, ever").</summary>
    private const int DenialReachOverComma = 2;

    /// <summary>A bare "suicide" in a text of so few words is about the writer.</summary>
    private const int FewWords = 4;

    private static readonly PhraseBook Book = PhraseBook.Load("crisis");

    /// <summary>The first sign of danger in the raw text, or null. Linear in the length of the text, never throws.</summary>
    public static CrisisMatch? Detect(string text)
    {
        var findings = Book.Find(text);
        if (findings.Matches.Count == 0)
        {
            return null;
        }

        var context = new Context(findings);
        foreach (var match in findings.Matches)
        {
            if (KindOf(match.Phrase.Label) is { } kind && context.IsAboutTheWriter(match))
            {
                return new CrisisMatch(kind, match.Phrase.Language);
            }
        }

        return null;
    }

    // "wish" is clear by itself; "wish-topic" (suicide, overdose) needs a first person and no other subject nearby.
    private static CrisisKind? KindOf(string label) => label switch
    {
        "wish" or "wish-topic" => CrisisKind.WishToDie,
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
        private readonly bool[] _other = findings.CoveredBy("other");
        private readonly bool[] _turn = findings.CoveredBy("turn");
        private readonly bool _aboutATopic = findings.Of("topic").Any();
        private readonly bool _aboutAGame = findings.Of("game").Any();
        private readonly bool _reported = findings.Of("report").Any();

        public bool IsAboutTheWriter(PhraseMatch match)
        {
            if (_idiom.AsSpan(match.Start, match.End - match.Start).Contains(true) || IsDenied(match))
            {
                return false;
            }

            if (_aboutAGame || (_reported && findings.Words[match.Start].Quoted))
            {
                return false;
            }

            return match.Phrase.Label.EndsWith("-topic", StringComparison.Ordinal) ? IsPersonal(match) : !IsAboutSomebodyElse(match);
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

                if (_denial[i] && (findings.Words[i].Clause == findings.Words[match.Start].Clause || match.Start - i <= DenialReachOverComma))
                {
                    return !_noDenial[i];
                }
            }

            return false;
        }

        private bool IsAboutSomebodyElse(PhraseMatch match)
        {
            if (_self.AsSpan(match.Start, match.End - match.Start).Contains(true))
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

            return findings.Words.Count <= FewWords || _self.Contains(true);
        }
    }
}
