using Solacore.Core.Jobs;

namespace Solacore.Core.Turns;

/// <summary>The work of answering one message.</summary>
public sealed record SolveReply(Guid TurnId)
{
    /// <summary>
    /// Attempts that may produce a reply; each may have cost money and each makes viewers start anew. A later one only
    /// tells the failure, so that every accepted message gets an end.
    /// </summary>
    public const int MaxReplies = 3;

    /// <summary>
    /// The job outlives its replies' attempts by far: with the database away even the failure cannot be stored.
    /// </summary>
    public static readonly JobKind<SolveReply> Kind = new(
        "solve.reply",
        JobLane.Turns,
        new RetryPolicy(100, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30)),
        TimeSpan.FromMinutes(3));
}
