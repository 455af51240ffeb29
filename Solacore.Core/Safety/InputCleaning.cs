using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Safety;

/// <summary>
/// What a model provider and the agents may see of a message: no instructions to them, no personal data.
/// Pure, idempotent, linear on any input.
/// </summary>
public static partial class InputCleaning
{
    private const RegexOptions Exact = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const RegexOptions Loose = Exact | RegexOptions.IgnoreCase;

    /// <summary>
    /// Removing one thing may bring the halves of another together. Text that nests deeper than this is an
    /// attack, not a message.
    /// </summary>
    private const int MostRounds = 6;

    private const string Gap = @"[\W_]*";
    private const string Between = @"[\W_]+";

    // Ends on what the phrase forbids, so that a clipped word ("previously") is recognised by its next letter.
    private static readonly Regex IgnorePrevious = Guarded($"{Letters("ignore")}{Between}({Letters("all")}{Between})?{Letters("previous")}({Between}{Letters("instructions")})?");

    private static readonly Regex OtherPhrases = Guarded(string.Join('|',
        $"({Letters("disregard")}|{Letters("forget")}){Between}(({Letters("all")}|{Letters("any")}|{Letters("the")}|{Letters("your")}|{Letters("these")}|{Letters("previous")}|{Letters("prior")}|{Letters("above")}|{Letters("of")}){Between})+({Letters("instructions")}|{Letters("rules")}|{Letters("prompt")}|{Letters("prompts")}|{Letters("guidelines")}|{Letters("directives")})",
        $"{Letters("please")}{Between}{Letters("ignore")}({Between}{Letters("previous")}({Between}{Letters("instructions")})?)?",
        $"{Letters("override")}{Between}({Letters("all")}{Between})?({Letters("previous")}{Between})?{Letters("instructions")}",
        $"{Letters("now")}{Between}{Letters("act")}{Between}{Letters("as")}"));

    /// <summary>Normalises width (NFKC) and digits, removes what nobody sees, instructions to the model and its chat markup, collapses white space.</summary>
    public static string Sanitise(string text) => UntilStable(Wording.WellFormed(text), static text =>
    {
        var plain = VisibleText.Of(text.Normalize(NormalizationForm.FormKC));
        plain = DashInNumber().Replace(plain, "${before}-");
        plain = RoleAtLineStart().Replace(plain, "");
        plain = ChatMarkup().Replace(plain, " ");
        plain = IgnorePrevious.Replace(plain, WholeWordsOnly(plain));
        return OtherPhrases.Replace(plain, WholeWordsOnly(plain));
    });

    /// <summary>Removes what identifies a person or opens an account, see <see cref="PersonalData"/>, and collapses white space.</summary>
    public static string RemovePersonalData(string text) => UntilStable(text, PersonalData.Remove);

    /// <summary><see cref="Sanitise"/>, then <see cref="RemovePersonalData"/>.</summary>
    public static string Clean(string text)
    {
        // Both are stable by themselves: another round is needed only when the one changed what the other left.
        var sanitised = Sanitise(text);
        for (var round = 0; round < MostRounds; round++)
        {
            var cleaned = RemovePersonalData(sanitised);
            if (cleaned == sanitised)
            {
                return cleaned;
            }

            sanitised = Sanitise(cleaned);
            if (sanitised == cleaned)
            {
                return cleaned;
            }
        }

        return "";
    }

    private static string UntilStable(string text, Func<string, string> clean)
    {
        var current = text;
        for (var round = 0; round < MostRounds; round++)
        {
            var cleaned = WhiteSpace().Replace(clean(current), " ").Trim();
            if (cleaned == current)
            {
                return current;
            }

            current = cleaned;
        }

        return "";
    }

    // The pattern consumes the character before the phrase, because linear matching knows no look-behind.
    private static MatchEvaluator WholeWordsOnly(string text) => match =>
    {
        var end = match.Index + match.Length;
        return end < text.Length && char.IsLetter(text[end]) && !Han.Is(text[end]) ? match.Value : match.Groups["before"].Value;
    };

    private static Regex Guarded(string phrase) =>
        new($@"(?<before>^|\W)({phrase})", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>The word with look-alike letters and any run of signs between its letters.</summary>
    private static string Letters(string word) => string.Join(Gap, word.Select(letter => letter switch
    {
        'a' => "[a4@]",
        'e' => "[e3]",
        'i' => "[i1!]",
        'o' => "[o0]",
        's' => "[s5$]",
        't' => "[t7]",
        _ => letter.ToString(),
    }));

    [GeneratedRegex(@"\s+", Exact)]
    private static partial Regex WhiteSpace();

    /// <summary>Whatever the keyboard makes of it: 555–0123, 138—0013—8000.</summary>
    [GeneratedRegex(@"(?<before>[0-9)] ?)[\u2010-\u2015\u2212]{1,2}(?= ?[0-9(])", Exact)]
    private static partial Regex DashInNumber();

    [GeneratedRegex(@"^[ \t]*(system|assistant)[ \t]{0,9}:", Loose | RegexOptions.Multiline)]
    private static partial Regex RoleAtLineStart();

    [GeneratedRegex(@"\[/?INST\]|<</?SYS>>|<\|[a-z_]{1,20}\|>", Loose)]
    private static partial Regex ChatMarkup();
}
