using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>Finds out which of the two hypotheses asked about a message agrees with: by number word, or by naming it.</summary>
internal static partial class HypothesisAnswer
{
    // Fixed words: linear with any engine, and without the tables of the other one.
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    /// <summary>What the three are called in everyday words; without accents.</summary>
    private static readonly Dictionary<string, Regex> Names = new(StringComparer.Ordinal)
    {
        ["goal_unclear"] = GoalUnclear(),
        ["hard_constraint"] = HardConstraint(),
        ["emotional_load"] = EmotionalLoad(),
    };

    /// <returns>Ids of one or both; none when the message does not tell.</returns>
    /// <param name="asked">The two that the last reply asked about, in its order.</param>
    public static IReadOnlyList<string> In(string text, IReadOnlyList<string> asked)
    {
        var plain = Wording.Plain(text);
        if (Neither().IsMatch(plain))
        {
            return [];
        }

        if (Both().IsMatch(plain))
        {
            return asked;
        }

        var named = Former().IsMatch(plain) ? 0 : Latter().IsMatch(plain) ? 1 : OptionChoice.Letter(plain);
        return named is { } index && index < asked.Count
            ? [asked[index]]
            : [.. Names.Where(name => name.Value.IsMatch(plain)).Select(name => name.Key)];
    }

    [GeneratedRegex(@"\b(neither|none|ninguna|ninguno)\b|\bnot (the|my|a)\b|都不|哪个都", Options, 1000)]
    private static partial Regex Neither();

    [GeneratedRegex(@"\b(both|ambas|ambos|las dos|los dos|un poco de (todo|las dos))\b|两个都|两者都|两样都|都有|都对|^都是?吧?$", Options, 1000)]
    private static partial Regex Both();

    [GeneratedRegex(@"\bthe former\b|前者", Options, 1000)]
    private static partial Regex Former();

    [GeneratedRegex(@"\bthe latter\b|后者|後者", Options, 1000)]
    private static partial Regex Latter();

    [GeneratedRegex(
        @"\b((not|don't|do not) know\w* (exactly )?(what|where)|unclear|no goal|clarity|no (se|tener|tengo) (bien |muy |del todo )?(claro|adonde|que quiero)|la meta|el objetivo)\b|说不清|不清楚|没有?目标|不知道(自己)?(想|要)",
        Options,
        1000)]
    private static partial Regex GoalUnclear();

    [GeneratedRegex(
        @"\b(outside|external|time|money|other people|my boss|de fuera|fuera|externo|tiempo|dinero|plazo|otras personas|los demas)\b|外面|外部|外在|限制|时间|没钱|别人|钱",
        Options,
        1000)]
    private static partial Regex HardConstraint();

    [GeneratedRegex(
        @"\b(feelings?|emotions?|emotional|fear|anxiety|sadness|lo que siento|sentimientos?|emocion(es)?|miedo|ansiedad|tristeza)\b|情绪|感受|心情|感觉|害怕|焦虑",
        Options,
        1000)]
    private static partial Regex EmotionalLoad();
}
