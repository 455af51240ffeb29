using System.Text.RegularExpressions;

namespace Solacore.ServiceDefaults;

/// <summary>
/// The last resort against secrets and addresses in text that is about to leave the process. Code of ours does
/// not log them; messages of libraries and of exceptions sometimes do.
/// </summary>
public static class SensitiveText
{
    private static readonly (Regex Found, string Replacement)[] Rules =
    [
        // JSON web tokens
        (Pattern(@"\beyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?"), "[token]"),
        (Pattern(@"\b(?<scheme>Bearer|Basic)\s+[\w.~+/=-]{8,}"), "${scheme} [token]"),
        // sk-proj-… sk-ant-… (models), sk_live_… rk_test_… whsec_… (Stripe), appl_… goog_… (RevenueCat), AIza… (Google)
        (Pattern(@"\b((sk|rk|pk|whsec|appl|goog)[-_][\w-]{8,}|AIza[\w-]{20,})"), "[key]"),
        (Pattern(@"\bExpo(nent)?PushToken\[[^\]]*\]"), "[token]"),
        // Password=… in a connection string, ?token=… in a URL, "access_token":"…" in a body
        (Pattern("""\b(?<name>(password|pwd|secret|api_?key|code|((access|refresh|id|reset|csrf)_)?token)["']?\s*[=:]\s*["']?)[^\s"'&;,}]+"""),
            "${name}[secret]"),
        (Pattern(@"://[^\s/@]+@"), "://[secret]@"),
        (Pattern(@"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+"), "[email]"),
    ];

    // From the first mark on a line to the last, because the quoted words may hold apostrophes themselves.
    private static readonly Regex Quotation = Pattern("""\B'[^\r\n]*'|"[^\r\n]*"|“[^\r\n]*”|‘[^\r\n]*’""");

    /// <summary>The text without e-mail addresses, tokens, keys, passwords and secret query values.</summary>
    public static string Scrub(string text) =>
        Rules.Aggregate(text, (scrubbed, rule) => rule.Found.Replace(scrubbed, rule.Replacement));

    /// <summary>
    /// As <see cref="Scrub"/>, and without whatever stands in quotation marks: there parsers and converters repeat
    /// the input that they could not read, for example <c>The input string 'my words' was not in a correct format.</c>
    /// </summary>
    public static string ScrubWithQuotations(string text) => Quotation.Replace(Scrub(text), "'…'");

    // Not backtracking: the text may be hostile, and time has to stay linear in its length.
    private static Regex Pattern(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
