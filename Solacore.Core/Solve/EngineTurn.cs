using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Safety;

namespace Solacore.Core.Solve;

/// <summary>One message on its way through an engine: what both modes share.</summary>
internal sealed class EngineTurn
{
    /// <summary>A feeling that is less certain is not named to the person.</summary>
    private const double SureFeeling = 0.75;

    private readonly SolveInput _input;
    private readonly string? _concern;
    private readonly string? _goal;
    private readonly IReadOnlyList<string> _constraints;

    private EngineTurn(SolveInput input, ProblemProfile profile)
    {
        _input = input;
        Profile = profile;
        Action = input.Step == SolveStep.Commit ? StatedAction.In(input.Text) : null;
        (_concern, _goal, _constraints) = Told(profile, input.Locale);
    }

    /// <summary>The profile after the message was heard.</summary>
    public ProblemProfile Profile { get; }

    public bool Refused => _input.InjectionRefused;

    /// <summary>A session can be completed by the client while its last message waits: it still gets a reply, but nothing moves.</summary>
    public bool Closed => _input.Status == SessionStatus.Completed;

    /// <summary>The action that the message states; only step commit asks for one.</summary>
    public string? Action { get; }

    public static EngineTurn Hear(SolveInput input) => new(input, ProfileAfter(input));

    public SolveDecision Decide(SolveAgent? agent, SolveStep wanted, bool completes)
    {
        var moved = !Refused && !Closed && SolveSteps.CanMove(_input.Step, wanted);
        var nextStep = moved ? wanted : _input.Step;
        var brief = Brief(agent, nextStep, completes);
        var run = new AgentRun(agent, _input.Now, LatencyMs: 0, TokenUsage: 0, string.Join(',', _input.Flags));
        var profile = Profile.WithRun(run);
        if (brief.Question is { } question)
        {
            profile = profile.WithQuestion(QuestionKey(question));
        }

        return new SolveDecision
        {
            Agent = agent,
            NextStep = nextStep,
            Moved = moved,
            Completes = completes,
            Status = completes || Closed ? SessionStatus.Completed : SessionStatus.Active,
            FirstStepAction = completes && _input.FirstStepAction is null ? Action : null,
            ReplyStep = nextStep,
            Profile = profile with { Meta = profile.Meta with { LastUpdatedAt = _input.Now } },
            Brief = brief,
        };
    }

    private static ProblemProfile ProfileAfter(SolveInput input)
    {
        if (input.InjectionRefused || input.Status == SessionStatus.Completed)
        {
            return input.Profile;
        }

        return input.Step switch
        {
            SolveStep.Receive => Felt(input),
            SolveStep.Clarify => Clarification.Hear(input.Profile, input.Text),
            // A session that the client moved here without a message has no concern yet.
            SolveStep.Reframe => Clarification.WithConcern(input.Profile, input.Text),
            SolveStep.Options or SolveStep.Commit => input.Profile,
        };
    }

    private static ProblemProfile Felt(SolveInput input) => input.Profile with
    {
        Emotion = new ProfileEmotion(input.Emotion.Label, input.Emotion.Confidence, Intensity(input.Emotion)),
        CoreConcernSummary = Wording.Concern(input.Text) is { Length: > 0 } concern ? concern : null,
    };

    private static int Intensity(Emotion emotion) => emotion.Confidence switch
    {
        >= 0.85 => 4,
        >= 0.65 => 3,
        _ => 2,
    };

    private ReplyBrief Brief(SolveAgent? agent, SolveStep nextStep, bool completes)
    {
        var kind = Kind(completes);
        var options = kind is ReplyKind.Reframe or ReplyKind.Options ? Options() : [];
        var question = Question(kind);
        var heard = HeardNow(question);
        return new ReplyBrief
        {
            Agent = agent,
            Kind = kind,
            Locale = _input.Locale,
            UserText = Wording.OneLine(_input.Text),
            Variation = Variation(),
            Turn = _input.Profile.AgentRuns.Count,
            Feeling = FeelingNow(kind, heard),
            Concern = _concern,
            Goal = _goal,
            Constraints = _constraints,
            Heard = heard,
            Question = question,
            Hypotheses = question == SolveQuestion.Hypotheses ? Likeliest() : [],
            Suspected = kind == ReplyKind.Reframe && WasAsked(SolveQuestion.Hypotheses) ? HypothesisAnswer.In(_input.Text, [.. Likeliest().Select(one => one.Id)]) : [],
            Options = options,
            ChosenOption = kind == ReplyKind.Options ? OptionChoice.In(_input.Text, options) : null,
            Action = kind == ReplyKind.Closing ? Action ?? _input.FirstStepAction : null,
            MovesIntoOptions = nextStep == SolveStep.Options && nextStep != _input.Step,
        };
    }

    private ReplyKind Kind(bool completes)
    {
        if (Refused)
        {
            return ReplyKind.Refusal;
        }

        if (completes || Closed)
        {
            return ReplyKind.Closing;
        }

        return _input.Step switch
        {
            SolveStep.Receive => ReplyKind.Empathy,
            SolveStep.Clarify => ReplyKind.Question,
            SolveStep.Reframe => ReplyKind.Reframe,
            SolveStep.Options => ReplyKind.Options,
            SolveStep.Commit => ReplyKind.AskAction,
        };
    }

    private SolveQuestion? Question(ReplyKind kind) => kind switch
    {
        // The answer to the first reply becomes the goal, so the first reply asks for it.
        ReplyKind.Empathy => SolveQuestion.Solved,
        ReplyKind.Question => Clarification.Question(Profile),
        ReplyKind.AskAction => SolveQuestion.SmallestAction,
        ReplyKind.Reframe or ReplyKind.Options or ReplyKind.Closing or ReplyKind.Refusal => null,
    };

    private static string QuestionKey(SolveQuestion question) => question switch
    {
        SolveQuestion.Solved => "solved",
        SolveQuestion.Constraints => "constraints",
        SolveQuestion.Attempts => "attempts",
        SolveQuestion.Hypotheses => "hypotheses",
        SolveQuestion.SmallestAction => "smallest_action",
    };

    private IReadOnlyList<SolveOption> Options()
    {
        if (Profile.Options.Count == ProfileUpdate.OptionCount)
        {
            return Profile.Options;
        }

        var phrases = CoachPhrases.For(_input.Locale);
        return phrases.Options(phrases.Values(_concern, _goal, _constraints), Variation());
    }

    private List<Hypothesis> Likeliest() => [.. Profile.Hypotheses.OrderByDescending(one => one.Confidence).Take(2)];

    /// <summary>
    /// The concern, the goal and the obstacles that the reply takes up. The profile has the first two messages in the place of
    /// the first two, whatever they say: who begins with "hi" tells the problem in the second, and perhaps the goal where the
    /// obstacles are asked for; who asks back has told no goal yet.
    /// </summary>
    private static (string? Concern, string? Goal, IReadOnlyList<string> Constraints) Told(ProblemProfile profile, string locale)
    {
        var (concern, goal) = (Telling(profile.CoreConcernSummary), Telling(profile.UserGoal));
        var phrases = CoachPhrases.For(locale);
        if (goal is not null && !QuestionBack.Is(goal) && phrases.GoalIn(goal) is var wanted && wanted != goal)
        {
            return (concern ?? goal, wanted, profile.Constraints);
        }

        if (goal is null || phrases.IsWish(goal))
        {
            return (concern, goal, profile.Constraints);
        }

        if (concern is not null)
        {
            return (concern, QuestionBack.Is(goal) ? null : goal, profile.Constraints);
        }

        var late = profile.Constraints.FirstOrDefault(phrases.IsWanted);
        return (goal, late, [.. profile.Constraints.Where(obstacle => obstacle != late)]);
    }

    private static string? Telling(string? text) => text is null || NoAnswer.Is(text) || QuestionBack.AsksWhoIsThere(text) ? null : text;

    private Heard HeardNow(SolveQuestion? question)
    {
        if (Profile.UserGoal is not null && Profile.UserGoal != _input.Profile.UserGoal)
        {
            return _goal is not null ? Solve.Heard.Goal : _concern == Profile.UserGoal ? Solve.Heard.Concern : Solve.Heard.Nothing;
        }

        if (Profile.Constraints.Count > _input.Profile.Constraints.Count)
        {
            var isGoal = _goal is not null && Profile.Constraints.Skip(_input.Profile.Constraints.Count).Contains(_goal);
            return isGoal ? Solve.Heard.Goal : Solve.Heard.Constraints;
        }

        var isAskedAgain = question is SolveQuestion.Solved or SolveQuestion.Constraints && WasAsked(question.Value);
        return _input.Step == SolveStep.Clarify && isAskedAgain ? Solve.Heard.TooMuch : Solve.Heard.Nothing;
    }

    private bool WasAsked(SolveQuestion question) => _input.Profile.LastQuestions is [.., var last] && last == QuestionKey(question);

    /// <summary>The feeling to name or to answer with warmth.</summary>
    private Feeling FeelingNow(ReplyKind kind, Heard heard)
    {
        var profile = heard == Solve.Heard.Concern ? Felt(_input) : Profile;
        var named = kind == ReplyKind.Empathy || heard == Solve.Heard.Concern;
        return named && profile.Emotion?.Confidence < SureFeeling ? Feeling.Neutral : Clarification.FeelingOf(profile);
    }

    /// <summary>FNV-1a over the session id, so that it is the same in every process.</summary>
    private int Variation()
    {
        var hash = 2166136261u;
        foreach (var part in _input.Profile.SessionId.ToByteArray())
        {
            hash = unchecked((hash ^ part) * 16777619u);
        }

        return (int)(hash % 1000);
    }
}
