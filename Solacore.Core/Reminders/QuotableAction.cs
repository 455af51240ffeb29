using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Safety;

namespace Solacore.Core.Reminders;

/// <summary>
/// What a reminder may quote to an address that nobody has proven to be theirs. It may be a stranger's, whom an action like "Your
/// account is locked, log in at evil.example" would lead away under our name.
/// </summary>
public static partial class QuotableAction
{
    /// <summary>The action if it leads nowhere; null when it holds a link, an address or a phone number.</summary>
    public static string? Of(string? action) =>
        action is null || LeadsAway(action) || LeadsAway(VisibleText.Of(action.Normalize(NormalizationForm.FormKC))) ? null : action;

    private static bool LeadsAway(string text) => Link().IsMatch(text) || PersonalData.Flags(text).Count > 0;

    // What mail programs make clickable, or people type: http://10.0.0.1/, evil.example
    [GeneratedRegex(@"://|[\p{L}\p{N}\p{M}\p{So}]\.\p{L}{2}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
