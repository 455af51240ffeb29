namespace Solacore.Core.Learn;

/// <summary>Which rule of learn a request breaks; each has its own code on the wire.</summary>
public enum LearnRule
{
    SessionNotFound,
    SessionNotActive,
    InvalidMode,
    InvalidStatus,
    InvalidStep,
    InvalidTool,
    InvalidPreferredOrder,
    StepOrToolRequired,
    ToolNotInPlan,
    ToolsRequired,
}

/// <summary>A broken rule.</summary>
/// <param name="Tool">The one tool that breaks it, when the answer names it.</param>
/// <param name="Tools">All tools that break it, when the answer names them.</param>
public sealed record LearnProblem(LearnRule Rule, string? Tool = null, IReadOnlyList<string>? Tools = null);

/// <summary>The rules of tool plans (contract/http-api.md 13.1, 13.8, 13.10).</summary>
public static class LearnPlan
{
    private static readonly IReadOnlyList<string> Quick = ["pareto", "feynman", "grow"];

    /// <summary>The plan that a mode begins with; empty for custom, which waits for the person's choice.</summary>
    public static IReadOnlyList<string> Of(LearnMode mode) => mode switch
    {
        LearnMode.Quick => Quick,
        LearnMode.Deep => [.. LearnTools.All.Select(tool => tool.Id)],
        LearnMode.Custom => [],
    };

    /// <summary>
    /// The plan for a choice: preferred tools first in the given order, the others in theirs, each once. Exactly one of
    /// the results is set.
    /// </summary>
    /// <param name="selected">Counts in custom mode only.</param>
    /// <param name="preferred">May name tools of the plan only.</param>
    public static (IReadOnlyList<string>? Plan, LearnProblem? Problem) Choose(
        LearnMode mode, IReadOnlyList<string>? selected, IReadOnlyList<string>? preferred)
    {
        var plan = Of(mode);
        if (mode == LearnMode.Custom)
        {
            if (selected is not { Count: > 0 })
            {
                return (null, new LearnProblem(LearnRule.ToolsRequired));
            }

            if (selected.Where(id => !LearnTools.Exists(id)).ToList() is { Count: > 0 } unknown)
            {
                return (null, new LearnProblem(LearnRule.InvalidTool, Tools: unknown));
            }

            plan = selected;
        }

        IReadOnlyList<string> first = preferred ?? [];
        return first.Except(plan, StringComparer.Ordinal).ToList() is { Count: > 0 } outside
            ? (null, new LearnProblem(LearnRule.InvalidPreferredOrder, Tools: outside))
            : ([.. first.Concat(plan).Distinct(StringComparer.Ordinal)], null);
    }

    /// <summary>The tools before the current one, and their share of the plan in whole percent, rounded down.</summary>
    public static (IReadOnlyList<string> Completed, int Percentage) Progress(IReadOnlyList<string> plan, string? current)
    {
        IReadOnlyList<string> completed = current is not null && plan.Contains(current, StringComparer.Ordinal)
            ? [.. plan.TakeWhile(id => id != current)]
            : [];
        return (completed, plan.Count == 0 ? 0 : 100 * completed.Count / plan.Count);
    }
}
