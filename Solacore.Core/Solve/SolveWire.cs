using System.Diagnostics.CodeAnalysis;

namespace Solacore.Core.Solve;

/// <summary>The five steps of a solve session, in their order.</summary>
public enum SolveStep
{
    Receive,
    Clarify,
    Reframe,
    Options,
    Commit,
}

/// <summary>Who speaks: the <c>primary_agent</c> of a <c>done</c> event.</summary>
public enum SolveAgent
{
    Empath,
    Clarify,
    Visionary,
    Auditor,
}

/// <summary>The sub-state of step clarify, kept in the problem profile.</summary>
public enum ClarifyState
{
    Init,
    Align,
    Map,
    Diagnose,
    Commit,
    Done,
}

/// <summary>
/// The one place that knows how the closed sets above are written on the wire and in the database
/// (contract/http-api.md 12, contract/domain.md 5.4). Reading is exact: case matters.
/// </summary>
public static class SolveWire
{
    public static string ToWire(this SolveStep step) => step switch
    {
        SolveStep.Receive => "receive",
        SolveStep.Clarify => "clarify",
        SolveStep.Reframe => "reframe",
        SolveStep.Options => "options",
        SolveStep.Commit => "commit",
    };

    public static string ToWire(this SolveAgent agent) => agent switch
    {
        SolveAgent.Empath => "empath",
        SolveAgent.Clarify => "clarify",
        SolveAgent.Visionary => "visionary",
        SolveAgent.Auditor => "auditor",
    };

    public static string ToWire(this ClarifyState state) => state switch
    {
        ClarifyState.Init => "INIT",
        ClarifyState.Align => "ALIGN",
        ClarifyState.Map => "MAP",
        ClarifyState.Diagnose => "DIAGNOSE",
        ClarifyState.Commit => "COMMIT",
        ClarifyState.Done => "DONE",
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out SolveStep step) => Find(text, ToWire, out step);

    public static bool TryParse([NotNullWhen(true)] string? text, out SolveAgent agent) => Find(text, ToWire, out agent);

    public static bool TryParse([NotNullWhen(true)] string? text, out ClarifyState state) => Find(text, ToWire, out state);

    private static bool Find<T>([NotNullWhen(true)] string? text, Func<T, string> toWire, out T found)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(toWire(value), text, StringComparison.Ordinal))
            {
                found = value;
                return true;
            }
        }

        found = default;
        return false;
    }
}
