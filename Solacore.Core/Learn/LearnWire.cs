using System.Diagnostics.CodeAnalysis;

namespace Solacore.Core.Learn;

/// <summary>The four steps of a learn session, in their order.</summary>
public enum LearnStep
{
    Start,
    Explore,
    Practice,
    Plan,
}

/// <summary>How the tools of a session are chosen.</summary>
public enum LearnMode
{
    /// <summary>Three tools for a first grip on a topic.</summary>
    Quick,

    /// <summary>All ten.</summary>
    Deep,

    /// <summary>What the person picks.</summary>
    Custom,
}

/// <summary>
/// The one place that knows how the closed sets above are written on the wire and in the database
/// (contract/http-api.md 13). Reading is exact: case matters.
/// </summary>
public static class LearnWire
{
    public static string ToWire(this LearnStep step) => step switch
    {
        LearnStep.Start => "start",
        LearnStep.Explore => "explore",
        LearnStep.Practice => "practice",
        LearnStep.Plan => "plan",
    };

    public static string ToWire(this LearnMode mode) => mode switch
    {
        LearnMode.Quick => "quick",
        LearnMode.Deep => "deep",
        LearnMode.Custom => "custom",
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out LearnStep step)
    {
        (var known, step) = text switch
        {
            "start" => (true, LearnStep.Start),
            "explore" => (true, LearnStep.Explore),
            "practice" => (true, LearnStep.Practice),
            "plan" => (true, LearnStep.Plan),
            _ => (false, default),
        };
        return known;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out LearnMode mode)
    {
        (var known, mode) = text switch
        {
            "quick" => (true, LearnMode.Quick),
            "deep" => (true, LearnMode.Deep),
            "custom" => (true, LearnMode.Custom),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>The direct successor, or null after the final step.</summary>
    public static LearnStep? Next(this LearnStep step) => step switch
    {
        LearnStep.Start => LearnStep.Explore,
        LearnStep.Explore => LearnStep.Practice,
        LearnStep.Practice => LearnStep.Plan,
        LearnStep.Plan => null,
    };
}
