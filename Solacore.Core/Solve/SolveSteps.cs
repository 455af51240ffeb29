using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>The order of the steps: one way, one at a time (contract/domain.md 4).</summary>
public static class SolveSteps
{
    /// <summary>Where a session's messages go on from: a stored step that nobody knows counts as the first.</summary>
    public static SolveStep Of(SolveSession session) => EnumNames.Parse(session.CurrentStep, SolveStep.Receive);

    /// <summary>The direct successor, or null after the final step.</summary>
    public static SolveStep? Next(SolveStep step) => step switch
    {
        SolveStep.Receive => SolveStep.Clarify,
        SolveStep.Clarify => SolveStep.Reframe,
        SolveStep.Reframe => SolveStep.Options,
        SolveStep.Options => SolveStep.Commit,
        SolveStep.Commit => null,
    };

    /// <summary>True only for the direct successor: no skipping, no going back, no staying.</summary>
    public static bool CanMove(SolveStep from, SolveStep to) => Next(from) == to;
}
