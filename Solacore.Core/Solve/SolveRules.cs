using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>All patterns and sentences that replies of solve sessions are decided and written by.</summary>
public static class SolveRules
{
    /// <summary>
    /// Builds them, which takes a good part of a second. A worker does it when it starts, so that the first person who writes
    /// does not wait for it.
    /// </summary>
    public static void Load()
    {
        NoAnswer.Is("");
        QuestionBack.Is("");
        Correction.In("", concern: null);
        OptionChoice.Letter("");
        CoachPhrases.For(ReplyLocale.Default);
    }
}
