namespace Solacore.Core.Jobs;

/// <summary>How a run of a job ended; traces and metrics tell its <see cref="EnumNames"/>.</summary>
internal enum JobOutcome
{
    Done,

    /// <summary>It failed, and is tried again after a pause.</summary>
    Retried,

    /// <summary>It failed for good: a dead letter, until an operator replays or drops it.</summary>
    Parked,

    /// <summary>The worker stops; another one runs it anew, without counting this attempt.</summary>
    HandedBack,

    /// <summary>Another worker has taken it over.</summary>
    Fenced,
}
