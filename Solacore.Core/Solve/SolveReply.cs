using Solacore.Core.Jobs;
using Solacore.Core.Turns;

namespace Solacore.Core.Solve;

/// <summary>The work of answering one message of a solve session.</summary>
public sealed record SolveReply(Guid TurnId)
{
    public static readonly JobKind<SolveReply> Kind = TurnAnswer.Kind<SolveReply>("solve.reply");
}
