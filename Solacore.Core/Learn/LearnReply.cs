using Solacore.Core.Jobs;
using Solacore.Core.Turns;

namespace Solacore.Core.Learn;

/// <summary>The work of answering one message of a learn session.</summary>
public sealed record LearnReply(Guid TurnId)
{
    public static readonly JobKind<LearnReply> Kind = TurnAnswer.Kind<LearnReply>("learn.reply");
}
