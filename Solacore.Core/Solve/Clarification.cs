using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>Step clarify (contract/domain.md 5.3): what a message adds to the profile and what is asked next.</summary>
internal static class Clarification
{
    private const int MaxGoalLength = 120;
    private const int MaxPieceLength = 60;
    private const int MaxPieces = 5;
    private const int LastTurn = 5;
    private const int EnoughTurns = 2;
    private const double Raise = 0.15;
    private const double HighestConfidence = 0.6;

    // The contract names the English and Chinese words; the rest says the same in Spanish and in today's Chinese.
    private static readonly string[] DeadlineWords =
        ["deadline", "交付", "下周", "明天", "月底", "截止", "plazo", "fecha límite", "fecha limite", "fecha de entrega"];

    public static ProblemProfile Hear(ProblemProfile profile, string text)
    {
        if (Correction.In(Wording.OneLine(text), profile.CoreConcernSummary) is { } instead)
        {
            (profile, text) = (Forgotten(profile), instead);
        }

        var known = Extract(WithConcern(profile, text), text);
        var turn = Math.Min(profile.Meta.ClarifyTurnIndex + 1, ProblemProfile.MaxClarifyTurns);
        return known with
        {
            Meta = known.Meta with { ClarifyTurnIndex = turn, ClarifyState = NextAsk(known, turn).State },
            InfoGaps = Gaps(known),
            Hypotheses = Hypotheses(known),
        };
    }

    public static SolveQuestion Question(ProblemProfile heard) => NextAsk(heard, heard.Meta.ClarifyTurnIndex).Question;

    public static bool IsDone(ProblemProfile heard) =>
        heard.Meta.ClarifyState == ClarifyState.Done
        || (heard is { UserGoal: not null, SuccessCriteria.Count: > 0, Constraints.Count: > 0 }
            && heard.Meta.ClarifyTurnIndex >= EnoughTurns);

    /// <summary>Without what was told: somebody says that it is about something else.</summary>
    private static ProblemProfile Forgotten(ProblemProfile profile) => profile with
    {
        CoreConcernSummary = null,
        UserGoal = null,
        SuccessCriteria = [],
        Constraints = [],
        Attempts = [],
        Meta = profile.Meta with { ClarifyState = ClarifyState.Align },
    };

    public static ProblemProfile WithConcern(ProblemProfile profile, string text) =>
        profile.CoreConcernSummary is null && Wording.Concern(text) is { Length: > 0 } concern
            ? profile with { CoreConcernSummary = concern }
            : profile;

    /// <summary>
    /// What a model read out of a message takes the place of what the extraction made of it; where the model found nothing,
    /// the extraction stands. Everything known stays known and the state of asking stays, so that a reading can never lead
    /// the person back.
    /// </summary>
    /// <param name="before">The profile before the message.</param>
    /// <param name="heard">The profile after it.</param>
    public static ProblemProfile WithReading(ProblemProfile before, ProblemProfile heard, ProfileUpdate reading)
    {
        var read = reading.Validate();
        before = before.CoreConcernSummary is null || before.CoreConcernSummary == heard.CoreConcernSummary ? before : Forgotten(before);
        var known = heard with
        {
            UserGoal = before.UserGoal ?? read.Goal ?? heard.UserGoal,
            SuccessCriteria = before.SuccessCriteria.Count == 0 && read.SuccessCriteria is { Count: > 0 } criteria ? criteria : heard.SuccessCriteria,
            Constraints = read.Constraints is { Count: > 0 } constraints ? Join(before.Constraints, constraints.Except(before.Constraints, StringComparer.Ordinal)) : heard.Constraints,
            Attempts = read.Attempts is { Count: > 0 } attempts ? Join(before.Attempts, attempts.Except(before.Attempts, StringComparer.Ordinal)) : heard.Attempts,
            Options = read.Options is { Count: > 0 } options ? options : heard.Options,
        };
        return heard.Meta.ClarifyState == ClarifyState.Init ? known : known with { InfoGaps = Gaps(known) };
    }

    private static ProblemProfile Extract(ProblemProfile profile, string text)
    {
        var state = profile.Meta.ClarifyState;
        if (state is ClarifyState.Init or ClarifyState.Align)
        {
            return profile with
            {
                UserGoal = profile.UserGoal ?? WholeMessage(text),
                SuccessCriteria = profile.SuccessCriteria.Count == 0 ? [.. Wording.Split(text, "\r\n。；;").Take(MaxPieces)] : profile.SuccessCriteria,
            };
        }

        if (state == ClarifyState.Map)
        {
            var pieces = Wording.Split(text, "\r\n，,。；;").Where(piece => Wording.Length(piece) <= MaxPieceLength).Take(MaxPieces).ToList();
            return profile with { Constraints = Join(profile.Constraints, pieces), Attempts = Join(profile.Attempts, pieces) };
        }

        return profile;
    }

    private static string? WholeMessage(string text) =>
        Wording.OneLine(text) is { Length: > 0 } line && Wording.Length(line) <= MaxGoalLength ? line : null;

    private static List<string> Join(IReadOnlyList<string> known, IEnumerable<string> more) =>
        [.. known.Concat(more).Take(ProblemProfile.MaxEntries)];

    private static (ClarifyState State, SolveQuestion Question) NextAsk(ProblemProfile known, int turn) => known switch
    {
        _ when turn >= LastTurn => (ClarifyState.Done, SolveQuestion.SmallestAction),
        { UserGoal: null } or { SuccessCriteria.Count: 0 } => (ClarifyState.Align, SolveQuestion.Solved),
        { Constraints.Count: 0 } => (ClarifyState.Map, SolveQuestion.Constraints),
        { Attempts.Count: 0 } => (ClarifyState.Map, SolveQuestion.Attempts),
        _ => (ClarifyState.Diagnose, SolveQuestion.Hypotheses),
    };

    private static List<InfoGap> Gaps(ProblemProfile known)
    {
        var gaps = new List<InfoGap>();
        if (known.UserGoal is null)
        {
            gaps.Add(new InfoGap("goal", true, 0.9, 0.8, 0.8, 0.1));
        }

        if (known.SuccessCriteria.Count == 0)
        {
            gaps.Add(new InfoGap("success_criteria", true, 0.8, 0.7, 0.7, 0.2));
        }

        if (known.Constraints.Count == 0)
        {
            gaps.Add(new InfoGap("constraints", true, 0.7, 0.6, 0.8, 0.2));
        }

        if (known.Attempts.Count == 0)
        {
            gaps.Add(new InfoGap("attempts", true, 0.5, 0.4, 0.9, 0.1));
        }

        return gaps;
    }

    private static List<Hypothesis> Hypotheses(ProblemProfile known)
    {
        var heavy = FeelingOf(known) != Feeling.Neutral;
        var pressed = DeadlineWords.Any(word => known.CoreConcernSummary?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);
        return
        [
            new Hypothesis("goal_unclear", "The goal is not clear yet", "goal", 0.34, ["Describe the day on which it is solved"]),
            new Hypothesis("hard_constraint", "A hard constraint blocks the way", "constraint", Raised(0.33, pressed), ["Name what cannot be moved"]),
            new Hypothesis("emotional_load", "The feeling takes the strength", "emotion", Raised(0.33, heavy), ["Look at it again after a rest"]),
        ];
    }

    private static double Raised(double confidence, bool raise) =>
        raise ? Math.Min(HighestConfidence, Math.Round(confidence + Raise, 2)) : confidence;

    public static Feeling FeelingOf(ProblemProfile profile) => profile.Emotion?.Label switch
    {
        "anxious" => Feeling.Anxious,
        "sad" => Feeling.Sad,
        "confused" => Feeling.Confused,
        _ => Feeling.Neutral,
    };
}
