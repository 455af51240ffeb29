using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>The placeholders <c>{name}</c> of a written sentence, to be filled with values.</summary>
internal static partial class Placeholders
{
    /// <summary>One pass, so that braces in the person's own words stay what they are.</summary>
    /// <exception cref="KeyNotFoundException">A placeholder has no value.</exception>
    public static string Fill(string sentence, IReadOnlyDictionary<string, string> values) =>
        Placeholder().Replace(sentence, placeholder => values[NameOf(placeholder)]);

    /// <summary>True when every placeholder has a value.</summary>
    public static bool CanFill(string sentence, IReadOnlyDictionary<string, string> values) =>
        Placeholder().Matches(sentence).All(placeholder => values.ContainsKey(NameOf(placeholder)));

    public static int Count(string sentence) => Placeholder().Count(sentence);

    private static string NameOf(Match placeholder) => placeholder.Groups["name"].Value;

    [GeneratedRegex(@"\{(?<name>[a-z0-9]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
