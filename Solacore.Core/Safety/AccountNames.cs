using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Words;

namespace Solacore.Core.Safety;

/// <summary>
/// What the account itself tells about who a person is: the part of the address before the @ with its words, and the
/// owners that the names of the devices tell of. People sign their messages; a provider does not learn the name.
/// </summary>
public sealed partial class AccountNames
{
    /// <summary>Shorter ones are words more often than names.</summary>
    private const int ShortestLatin = 3;
    private const int ShortestHan = 2;

    private const RegexOptions Loose = RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
    private const RegexOptions Backwards = Loose | RegexOptions.RightToLeft;

    private static readonly Lazy<FrozenSet<string>> OrdinaryWords = new(() =>
        WordFile.Read("ordinary.txt").SelectMany(line => line.Split(' ')).ToFrozenSet(StringComparer.Ordinal));

    private const CompareOptions Loosely = CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace | CompareOptions.IgnoreWidth;

    private readonly IReadOnlyList<(string Text, bool IsOrdinary)> _names;

    private AccountNames(IReadOnlyList<(string Text, bool IsOrdinary)> names) => _names = names;

    public static AccountNames Of(string email, IEnumerable<string?> deviceNames)
    {
        var local = email.Split('@')[0];
        var parts = NoLetters().Split(local);
        var texts = new List<string> { local, LatinTag().Replace(local, ""), string.Join(' ', parts.Where(IsLongEnough)) };
        texts.AddRange(parts);
        foreach (var device in deviceNames.OfType<string>().Select(name => name.Trim()))
        {
            // Without an owner it is what half of the world calls theirs: "iPhone", "Web Browser".
            if (Owner().Match(device) is { Success: true } owned)
            {
                texts.Add(device);
                texts.AddRange(owned.Groups["owner"].Value.Split(' ').Append(owned.Groups["owner"].Value));
            }
        }

        // The longest first: what is left of it when a part of it is taken out would not be found any more.
        return new AccountNames([.. texts
            .Where(text => IsLongEnough(text) && text.Any(char.IsLetter))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(text => text.Length)
            .Select(text => (text, OrdinaryWords.Value.Contains(Wording.Plain(text))))]);
    }

    /// <summary>
    /// The text without the names, in whatever case and with whatever accents they are written, and without the beginning of
    /// one at which the text was cut. A name that is an ordinary word goes where it is said as a name.
    /// </summary>
    public string Hide(string text)
    {
        foreach (var (name, isOrdinary) in _names)
        {
            text = Hide(text, name, isOrdinary);
        }

        return CutWord().Replace(text, WithoutBeginning);
    }

    private static string Hide(string text, string name, bool isOrdinary)
    {
        StringBuilder? hidden = null;
        var rest = 0;
        var from = 0;
        while (Find(text, name, from) is { } found)
        {
            from = found.Start + found.Length;
            if (StandsAlone(text, found.Start, found.Length) && (!isOrdinary || IsSaidAsName(text, found.Start, from)))
            {
                (hidden ??= new StringBuilder()).Append(text, rest, found.Start - rest);
                rest = from;
            }
        }

        return hidden is null ? text : WhiteSpaces().Replace(hidden.Append(text, rest, text.Length - rest).ToString(), " ").Trim();
    }

    private string WithoutBeginning(Match cut)
    {
        var word = cut.Groups["word"].ValueSpan;
        for (var start = 0; start <= word.Length - ShortestHan; start++)
        {
            var isHan = Han.Is(word[start]);
            var isStart = start == 0 || isHan || Han.Is(word[start - 1]);
            if (isStart && word.Length - start >= (isHan ? ShortestHan : ShortestLatin) && BeginsName(word[start..]))
            {
                return string.Concat(word[..start], Wording.CutMark);
            }
        }

        return cut.Value;
    }

    private bool BeginsName(ReadOnlySpan<char> beginning)
    {
        foreach (var (name, _) in _names)
        {
            if (beginning.Length < name.Length && CultureInfo.InvariantCulture.CompareInfo.IsPrefix(name, beginning, Loosely))
            {
                return true;
            }
        }

        return false;
    }

    private static (int Start, int Length)? Find(string text, string name, int from)
    {
        var start = CultureInfo.InvariantCulture.CompareInfo.IndexOf(text.AsSpan(from), name, Loosely, out var length);
        return start < 0 || length == 0 ? null : (from + start, length);
    }

    /// <summary>A name inside a longer word is no name; Chinese knows no spaces.</summary>
    private static bool StandsAlone(string text, int start, int length) =>
        IsHan(text.Substring(start, length))
        || ((start == 0 || !IsLatin(text[start - 1])) && (start + length == text.Length || !IsLatin(text[start + length])));

    /// <summary>"I'm sun", "it's Sun.", "Sun here", "thanks, sun", "they call Sun": not "the sun", "Sun again" or "SUN".</summary>
    private static bool IsSaidAsName(string text, int start, int end)
    {
        var before = text.AsSpan(0, start);
        var after = text.AsSpan(end);
        return Introduction().IsMatch(before)
            || (Greeting().IsMatch(before) && EndOfPart().IsMatch(after))
            || (BeginningOfPart().IsMatch(before) && Here().IsMatch(after))
            || (start > 0 && BeginningOfPart().IsMatch(before) && after.Trim(" .!,~)\n").IsEmpty)
            || (char.IsUpper(text[start]) && !text.AsSpan(start + 1, end - start - 1).ContainsAnyInRange('A', 'Z') && InsideSentence().IsMatch(before));
    }

    private static bool IsLongEnough(string text) => text.Length >= (IsHan(text) ? ShortestHan : ShortestLatin);

    private static bool IsLatin(char letter) => char.IsLetter(letter) && letter < '\u0250';

    private static bool IsHan(string text) => text.Any(Han.Is);

    [GeneratedRegex(@"[^\p{L}]+", RegexOptions.None, 1000)]
    private static partial Regex NoLetters();

    /// <summary>What mail providers let people add for themselves: <c>ann+solacore</c>.</summary>
    [GeneratedRegex(@"\+.*$", RegexOptions.None, 1000)]
    private static partial Regex LatinTag();

    /// <summary>Ann's iPhone, iPhone de Ana, 小明的iPhone.</summary>
    [GeneratedRegex(@"^(?<owner>.{2,40}?)(['’]s\s|的)|\s(de|von|di)\s(?<owner>.{2,40})$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Owner();

    [GeneratedRegex(
        """
        (
              (?<!\w)(name(\ is|['’]s)|i\ am|i['’]?m|call\ me|signed|soy|me\ llam[ao]n?|nombre\ es|ll[aá]mame|me\ dicen|mrs?\.?|ms\.?|dra?\.?|sra?\.?|don|doña)[\ ,:]
              |我是|我叫|叫我|名字[是叫]
          )\ ?$
        """,
        Backwards | RegexOptions.IgnorePatternWhitespace,
        1000)]
    private static partial Regex Introduction();

    /// <summary>What may also stand before an ordinary word, but not at the end of a sentence or clause.</summary>
    [GeneratedRegex(
        """
        (?<!\w)
          (
              this\ is|it\ is|it['’]s|es|hi|hello|hey|dear|hola|querid[oa]|thanks|thank\ you|thx|gracias|love(?=,)|regards|wishes|yours|cheers
              |saludos|besos|abrazos?|cariño|x{1,3}|xoxo
          )[\ ,:!]{1,2}$
        """,
        Backwards | RegexOptions.IgnorePatternWhitespace,
        1000)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"^\s*([.,;:!?)。，！？—–-]|$|(and|y|again|otra vez)\s)", Loose, 1000)]
    private static partial Regex EndOfPart();

    [GeneratedRegex(@"(^|[.,;:!?(。，！？…—–~-])\s*$", Backwards, 1000)]
    private static partial Regex BeginningOfPart();

    [GeneratedRegex(@"^\s+(here|speaking|aquí|al habla)(?!\w)", Loose, 1000)]
    private static partial Regex Here();

    /// <summary>Behind a word, a comma or an initial ("Will B. Green").</summary>
    [GeneratedRegex(@"([\p{L}\p{N},;&)'’]|(?<!\p{L})\p{Lu}\.)[ ]$", RegexOptions.RightToLeft | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InsideSentence();

    /// <summary>What stands before the dots of a text that was cut.</summary>
    [GeneratedRegex(@"(?<![\p{L}\p{M}])(?<word>[\p{L}\p{M}]{2,60})\.\.\.$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CutWord();

    [GeneratedRegex(@"[ \t]{2,}", RegexOptions.None, 1000)]
    private static partial Regex WhiteSpaces();
}
