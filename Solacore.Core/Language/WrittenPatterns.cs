using System.Globalization;
using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>
/// Beginnings of a text as a translator writes them, in their order: the first that fits counts. They are one regular expression,
/// for each by itself would keep a megabyte of tables.
/// </summary>
internal sealed class WrittenPatterns
{
    private readonly Regex _all;
    private readonly string[] _marks;

    /// <param name="patterns">Each from the beginning of the text on; what they call a group by the same name is the same group.</param>
    /// <exception cref="ArgumentException">One of them is no pattern.</exception>
    /// <exception cref="NotSupportedException">Only backtracking can match one of them.</exception>
    public WrittenPatterns(IReadOnlyList<string> patterns)
    {
        _marks = [.. patterns.Select((_, number) => string.Create(CultureInfo.InvariantCulture, $"pattern{number}"))];
        _all = WrittenPattern.Of($"^({string.Join('|', patterns.Select((pattern, number) => $"(?<{_marks[number]}>{pattern})"))})");
    }

    /// <summary>The number of the first pattern that fits, from 0, and what it has found; null when none does.</summary>
    public (int Number, Match Match)? First(string text)
    {
        var match = _all.Match(text);
        return match.Success ? (Array.FindIndex(_marks, mark => match.Groups[mark].Success), match) : null;
    }
}
