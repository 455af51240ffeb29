using System.Text.RegularExpressions;

namespace Solacore.Tests.Ops.Alerts;

/// <summary>Finds the metrics of an expression. Enough for what rules and dashboards here use; a name it takes wrongly makes a test red.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = new(["and", "or", "unless", "bool", "offset"], StringComparer.Ordinal);

    /// <summary>Names of families: what a histogram appends to its name is taken off.</summary>
    public static IEnumerable<string> Metrics(string expression) =>
        Name().Matches(Lists().Replace(Braces().Replace(expression, " "), " "))
            .Select(match => match.Value)
            .Where(name => !Words.Contains(name))
            .Select(name => Suffix().Replace(name, ""));

    [GeneratedRegex("""\{[^}]*\}|\[[^\]]*\]""", RegexOptions.None, 1000)]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Lists();

    // No function, and no digits of a number such as 1e6.
    [GeneratedRegex(@"(?<![\w.])[A-Za-z_:][\w:]*\b(?!\s*\()", RegexOptions.None, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("(?<=_seconds)_(bucket|count|sum)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Suffix();
}
