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

/// <summary>The order of the steps.</summary>
public static class LearnSteps
{
    /// <summary>The direct successor, or null after the final step.</summary>
    public static LearnStep? Next(this LearnStep step) => step switch
    {
        LearnStep.Start => LearnStep.Explore,
        LearnStep.Explore => LearnStep.Practice,
        LearnStep.Practice => LearnStep.Plan,
        LearnStep.Plan => null,
    };
}
