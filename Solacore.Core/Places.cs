using System.Text.RegularExpressions;

namespace Solacore.Core;

/// <summary>The places <c>{name}</c> in a written sentence, to be filled with values.</summary>
internal static partial class Places
{
    /// <summary>One pass, so that braces in the person's own words stay what they are.</summary>
    /// <exception cref="KeyNotFoundException">A place has no value.</exception>
    public static string Fill(string sentence, IReadOnlyDictionary<string, string> values) =>
        Place().Replace(sentence, place => values[NameOf(place)]);

    /// <summary>True when every place has a value.</summary>
    public static bool CanFill(string sentence, IReadOnlyDictionary<string, string> values) =>
        Place().Matches(sentence).All(place => values.ContainsKey(NameOf(place)));

    public static int Count(string sentence) => Place().Count(sentence);

    private static string NameOf(Match place) => place.Groups["name"].Value;

    [GeneratedRegex(@"\{(?<name>[a-z0-9]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
