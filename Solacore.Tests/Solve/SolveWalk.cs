using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Safety;
using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

/// <summary>Plays a conversation against the engine the way the worker does: each decision feeds the next message.</summary>
internal sealed class SolveWalk
{
    public static readonly Guid SessionId = Guid.Parse("0197a3f2-6c1e-7b52-9a3d-2f1c5e7d9b01");
    public static readonly Guid UserId = Guid.Parse("0197a3f2-6c1e-7b52-9a3d-2f1c5e7d9b02");
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly string _locale;
    private readonly Func<SolveInput, SolveDecision> _decide;

    public SolveWalk(string locale = "en", Func<SolveInput, SolveDecision>? decide = null, Guid? sessionId = null)
    {
        _locale = locale;
        _decide = decide ?? SolveEngine.Decide;
        Profile = ProblemProfile.Empty(sessionId ?? SessionId, UserId);
    }

    public SolveStep Step { get; private set; } = SolveStep.Receive;

    public SessionStatus Status { get; private set; } = SessionStatus.Active;

    public string? FirstStepAction { get; private set; }

    public ProblemProfile Profile { get; private set; }

    public static SolveInput Input(
        SolveStep step,
        string text,
        ProblemProfile? profile = null,
        SessionStatus status = SessionStatus.Active,
        string emotion = "neutral",
        double confidence = 0.5) => new()
        {
            Step = step,
            Status = status,
            Profile = profile ?? ProblemProfile.Empty(SessionId, UserId),
            Text = text,
            Emotion = new Emotion(emotion, confidence),
            Locale = "en",
            Now = Now,
        };

    public SolveDecision Say(string text, string emotion = "neutral", double confidence = 0.5, ProfileUpdate? reading = null)
    {
        var decision = _decide(Input(Step, text, Profile, Status, emotion, confidence) with
        {
            Locale = _locale,
            FirstStepAction = FirstStepAction,
        });
        if (reading is not null)
        {
            decision = decision with { Profile = decision.Profile.WithReading(Profile, Step, reading) };
        }

        Step = decision.NextStep;
        Status = decision.Status;
        // As the worker stores it: through JSON, so that the walk covers the document too.
        Profile = ProblemProfile.Parse(decision.Profile.ToJson(), Profile.SessionId, UserId);
        FirstStepAction ??= decision.FirstStepAction;
        return decision;
    }

    public static string Row(SolveDecision decision) =>
        $"{decision.NextStep.Name()} {decision.Agent?.Name() ?? "-"}{(decision.Moved ? " moved" : "")}{(decision.Completes ? " completes" : "")}";
}
