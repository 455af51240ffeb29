using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Safety;

namespace Solacore.Core.Solve;

/// <summary>One message and everything that the engine may look at. It never sees the raw text.</summary>
public sealed record SolveInput
{
    public required SolveStep Step { get; init; }

    public required SessionStatus Status { get; init; }

    public required ProblemProfile Profile { get; init; }

    /// <summary>The cleaned text (contract/domain.md 9).</summary>
    public required string Text { get; init; }

    /// <summary>The emotion of the cleaned text.</summary>
    public required Emotion Emotion { get; init; }

    /// <summary><c>en</c>, <c>es</c> or <c>zh</c>, from <see cref="ReplyLocale"/>.</summary>
    public required string Locale { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The auditor's flags, such as <c>prompt_injection</c>; kept in the note of the agent run.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>True when the text looks like an injection and the policy is to block.</summary>
    public bool InjectionRefused { get; init; }

    /// <summary>The action that the session already carries.</summary>
    public string? FirstStepAction { get; init; }
}

/// <summary>What happens to the session, and what the reply has to say.</summary>
public sealed record SolveDecision
{
    /// <summary>The <c>primary_agent</c> of the done event; null in plain mode.</summary>
    public SolveAgent? Agent { get; init; }

    /// <summary>The step that the session is in afterwards; unchanged unless <see cref="Moved"/>.</summary>
    public required SolveStep NextStep { get; init; }

    public required bool Moved { get; init; }

    /// <summary>True when this message completes the session.</summary>
    public required bool Completes { get; init; }

    /// <summary>The session's status afterwards; a message wakes an abandoned session.</summary>
    public required SessionStatus Status { get; init; }

    /// <summary>The action of the cleaned text; null when none was stated or one is stored already. What is stored is as typed.</summary>
    public string? FirstStepAction { get; init; }

    /// <summary>The step to store with the assistant's message: orchestrated the new one, plain the old one.</summary>
    public required SolveStep ReplyStep { get; init; }

    public required ProblemProfile Profile { get; init; }

    public required ReplyBrief Brief { get; init; }
}

/// <summary>
/// The orchestrated mode of solve (contract/domain.md 4 and 5) as a pure function: the same input gives the same
/// decision. It accepts any text; it throws for an undefined step, or should a pattern exceed its time limit.
/// </summary>
public static class SolveEngine
{
    public static SolveDecision Decide(SolveInput input)
    {
        var turn = EngineTurn.Hear(input);
        var agent = turn.Refused ? SolveAgent.Auditor : AgentAt(input.Step);
        var completes = turn is { Closed: false, Refused: false, Action: not null };
        return turn.Decide(agent, Wanted(input.Step, turn.Profile), completes);
    }

    private static SolveAgent AgentAt(SolveStep step) => step switch
    {
        SolveStep.Receive => SolveAgent.Empath,
        SolveStep.Clarify => SolveAgent.Clarify,
        SolveStep.Reframe => SolveAgent.Visionary,
        SolveStep.Options => SolveAgent.Visionary,
        SolveStep.Commit => SolveAgent.Clarify,
    };

    private static SolveStep Wanted(SolveStep step, ProblemProfile heard) => step switch
    {
        SolveStep.Receive => SolveStep.Clarify,
        SolveStep.Clarify => Clarification.IsDone(heard) ? SolveStep.Reframe : SolveStep.Clarify,
        SolveStep.Reframe => SolveStep.Options,
        SolveStep.Options => SolveStep.Commit,
        SolveStep.Commit => SolveStep.Commit,
    };
}

/// <summary>
/// The plain mode (<c>ENABLE_MULTI_AGENT_ORCHESTRATION=false</c>, contract/domain.md 6): every reply advances one step,
/// any message at commit completes, no agent is named, and the reply is stored with the old step.
/// </summary>
public static class PlainEngine
{
    public static SolveDecision Decide(SolveInput input)
    {
        var turn = EngineTurn.Hear(input);
        var completes = turn is { Closed: false, Refused: false } && input.Step == SolveStep.Commit;
        return turn.Decide(agent: null, SolveSteps.Next(input.Step) ?? input.Step, completes) with { ReplyStep = input.Step };
    }
}
