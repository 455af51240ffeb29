using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>A person's own labels on a session.</summary>
public static class SessionTags
{
    /// <summary>Characters that are kept of a tag.</summary>
    public const int MaxLength = 50;

    /// <summary>Trimmed and cut, without blank and repeated ones, in the order given.</summary>
    public static List<string> Clean(IEnumerable<string> tags) =>
        [.. tags.Select(tag => Wording.Cut(tag.Trim(), MaxLength).TrimEnd()).Where(tag => tag.Length > 0).Distinct(StringComparer.Ordinal)];
}
