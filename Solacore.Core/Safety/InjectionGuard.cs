using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Words;

namespace Solacore.Core.Safety;

/// <summary>
/// Recognises text that speaks to the model instead of the coach: orders to drop its instructions, to become
/// somebody else, to show its prompt, and forged chat markup (files <c>Words/injection.*.txt</c>). Where no phrase says it,
/// everything that was said adds up (<see cref="WordWeights"/>). Text that only mentions prompts, roles or SQL does not count.
/// </summary>
public static partial class InjectionGuard
{
    internal const string Topic = "injection";
    internal const string Order = "order";

    private const string Certain = "certain";

    private const RegexOptions Exact = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const RegexOptions Loose = Exact | RegexOptions.IgnoreCase;

    /// <summary>Encoded orders are short; a longer blob is data.</summary>
    private const int LongestDecoded = 4096;

    /// <summary>Log-odds above which a text without a phrase is an order: about as likely as not.</summary>
    private const double Enough = -0.1;

    /// <summary>Log-odds at which an uncertain phrase stops counting as one: all the rest of the text speaks against it.</summary>
    private const double Doubtful = -2;

    private static readonly PhraseBook Book = PhraseBook.Load(Topic);

    private static readonly WordWeights Weights = WordWeights.Load(Topic);

    /// <summary>Whether the text tries to steer the model. Linear in the length of the text but for each uncertain phrase; never throws.</summary>
    public static bool LooksLikeInjection(string text) => HoldsOrder(text) || Decoded(text).Any(HoldsOrder);

    internal static bool IsOrder(double logOdds, bool hasPhrase) => logOdds > (hasPhrase ? Doubtful : Enough);

    /// <summary>The words, and the phrases without the orders that everyday words excuse.</summary>
    internal static (List<Word> Words, List<PhraseMatch> Said) Read(string text)
    {
        var findings = Book.Find(text);
        var harmless = findings.CoveredBy("harmless");
        return (findings.Words, findings.Matches.FindAll(match => match.Phrase.Label != Order || !harmless.AsSpan(match.Start, match.End - match.Start).Contains(true)));
    }

    private static bool HoldsOrder(string text)
    {
        if (Markup().IsMatch(text))
        {
            return true;
        }

        var (words, said) = Read(text);
        return said.Exists(match => match.Phrase.Label == Certain)
            || IsOrder(Weights.Score(words, said).LogOdds, hasPhrase: false)
            || said.Exists(match => match.Phrase.Label == Order && IsMeant(match, words, said));
    }

    /// <summary>Whether an uncertain phrase is an order: in a long text when the words around it sound like one, in a short one unless the rest speaks against it.</summary>
    private static bool IsMeant(PhraseMatch match, List<Word> words, List<PhraseMatch> said)
    {
        var (logOdds, count) = Weights.Around(match, words, said);
        return IsOrder(logOdds, hasPhrase: count == words.Count);
    }

    private static IEnumerable<string> Decoded(string text)
    {
        foreach (Match blob in Base64().Matches(text))
        {
            var bytes = new byte[LongestDecoded];
            var padded = blob.Value.TrimEnd('=');
            padded += new string('=', (4 - (padded.Length % 4)) % 4);
            if (Convert.TryFromBase64String(padded, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length) is var decoded && !decoded.Contains('\ufffd', StringComparison.Ordinal))
            {
                yield return decoded;
            }
        }
    }

    [GeneratedRegex(@"^[ \t>#*\[""']{0,6}(system|assistant|developer|sistema|asistente|系统|助手)([ \t]{0,3}(prompt|message|note|override|提示|消息))?[ \t\]*]{0,4}[:：]|\[/?INST\]|<</?SYS>>|<\|[a-z_]{1,20}\|>|</?(system|assistant|instructions?|system_prompt|admin)>|^#{2,}[ \t]*(new |updated |system |nuevas? |新的?)?(instructions?|system|prompt|instrucci(ón|on|ones)|指令|指示)\b|\{\s{0,5}""role""\s{0,5}:\s{0,5}""(system|assistant|developer)""|\[(system|admin|developer|sistema|administrador|系统|系統|管理员)( [a-z]{1,12})?\]|^[ \t]{0,3}[=~*#-]{2,}[ \t]{0,3}(begin |end |start |new |fin de |inicio de )?(system|admin|administrator|developer|sistema|administrador|desarrollador|系统|系統|管理员|管理員|开发者)(?![a-z])|^[ \t]{0,3}[/!](admin|system|sudo|dev|developer|debug|jailbreak|unlock|override|root|prompt)(?![a-z])|(?<!\w)role""?\s{0,3}[:=]\s{0,3}""?(system|developer|assistant)(?!\w)|<(begin|end|start)[ _](of[ _])?(system|prompt|instructions?)", Loose | RegexOptions.Multiline)]
    private static partial Regex Markup();

    [GeneratedRegex(@"[A-Za-z0-9+/]{24,5000}={0,2}", Exact)]
    private static partial Regex Base64();
}
