using System.Text.RegularExpressions;

namespace Solacore.Core.Language;

/// <summary>A pattern that a translator writes.</summary>
internal static class WrittenPattern
{
    // NonBacktracking keeps matching linear on any input.
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <exception cref="ArgumentException">It is no pattern.</exception>
    /// <exception cref="NotSupportedException">Only backtracking can match it.</exception>
    public static Regex Of(string pattern) => new(pattern, Options);
}
