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

    public static ProblemProfile Hear(ProblemProfile profile, string text, ProfileUpdate? update)
    {
        var known = Extract(WithConcern(profile, text), text, update);
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

    public static ProblemProfile WithConcern(ProblemProfile profile, string text) =>
        profile.CoreConcernSummary is null && Wording.Concern(text) is { Length: > 0 } concern
            ? profile with { CoreConcernSummary = concern }
            : profile;

    /// <summary>Takes what a model read out of the message; what is known already stays.</summary>
    public static ProblemProfile Merge(ProblemProfile profile, ProfileUpdate? update) => update is null ? profile : profile with
    {
        UserGoal = profile.UserGoal ?? update.Goal,
        SuccessCriteria = profile.SuccessCriteria.Count > 0 ? profile.SuccessCriteria : update.SuccessCriteria ?? [],
        Constraints = Join(profile.Constraints, (update.Constraints ?? []).Except(profile.Constraints, StringComparer.Ordinal)),
        Attempts = Join(profile.Attempts, (update.Attempts ?? []).Except(profile.Attempts, StringComparer.Ordinal)),
        Options = update.Options is { Count: > 0 } options ? options : profile.Options,
    };

    private static ProblemProfile Extract(ProblemProfile profile, string text, ProfileUpdate? update)
    {
        var merged = Merge(profile, update);
        var state = profile.Meta.ClarifyState;
        if (state is ClarifyState.Init or ClarifyState.Align)
        {
            // A model that found something, but no goal, is believed: the goal is then asked for again.
            var goal = merged.UserGoal ?? (Found(update) ? null : WholeMessage(text));
            var criteria = merged.SuccessCriteria.Count == 0 && (goal is not null || !Found(update))
                ? [.. Wording.Split(text, "\r\n。；;").Take(MaxPieces)]
                : merged.SuccessCriteria;
            return merged with { UserGoal = goal, SuccessCriteria = criteria };
        }

        if (state == ClarifyState.Map && !Found(update))
        {
            var pieces = Wording.Split(text, "\r\n，,。；;").Where(piece => Wording.Length(piece) <= MaxPieceLength).Take(MaxPieces).ToList();
            return merged with { Constraints = Join(merged.Constraints, pieces), Attempts = Join(merged.Attempts, pieces) };
        }

        return merged;
    }

    private static bool Found(ProfileUpdate? update) =>
        update is { Goal: not null } or { SuccessCriteria.Count: > 0 } or { Constraints.Count: > 0 } or { Attempts.Count: > 0 };

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
