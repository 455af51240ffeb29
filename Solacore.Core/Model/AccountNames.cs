using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Model;

/// <summary>
/// What the account itself tells about who a person is: the part of the address before the @ with its words, and the
/// names of the devices with their owners. People sign their messages; a provider does not learn the name.
/// </summary>
public sealed partial class AccountNames
{
    /// <summary>Shorter ones are words more often than names.</summary>
    private const int ShortestLatin = 3;
    private const int ShortestHan = 2;

    private readonly IReadOnlyList<string> _names;

    private AccountNames(IReadOnlyList<string> names) => _names = names;

    public static AccountNames Of(string email, IEnumerable<string?> deviceNames)
    {
        var local = email.Split('@')[0];
        var texts = new List<string> { local, LatinTag().Replace(local, "") };
        texts.AddRange(NoLetters().Split(local));
        foreach (var device in deviceNames.OfType<string>().Select(name => name.Trim()))
        {
            texts.Add(device);
            if (Owner().Match(device) is { Success: true } owned)
            {
                texts.AddRange(owned.Groups["owner"].Value.Split(' ').Append(owned.Groups["owner"].Value));
            }
        }

        // The longest first: what is left of it when a part of it is taken out would not be found any more.
        return new AccountNames([.. texts
            .Where(text => text.Length >= (IsHan(text) ? ShortestHan : ShortestLatin) && text.Any(char.IsLetter))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(text => text.Length)]);
    }

    /// <summary>The text without the names, in whatever case and with whatever accents they are written.</summary>
    public string Hide(string text)
    {
        foreach (var name in _names)
        {
            text = Hide(text, name);
        }

        return text;
    }

    private static string Hide(string text, string name)
    {
        StringBuilder? hidden = null;
        var rest = 0;
        var from = 0;
        while (Find(text, name, from) is { } found)
        {
            from = found.Start + found.Length;
            if (StandsAlone(text, found.Start, found.Length))
            {
                (hidden ??= new StringBuilder()).Append(text, rest, found.Start - rest);
                rest = from;
            }
        }

        return hidden is null ? text : WhiteSpaces().Replace(hidden.Append(text, rest, text.Length - rest).ToString(), " ").Trim();
    }

    private static (int Start, int Length)? Find(string text, string name, int from)
    {
        const CompareOptions loosely = CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace | CompareOptions.IgnoreWidth;
        var start = CultureInfo.InvariantCulture.CompareInfo.IndexOf(text.AsSpan(from), name, loosely, out var length);
        return start < 0 || length == 0 ? null : (from + start, length);
    }

    /// <summary>A name inside a longer word is no name; Chinese knows no spaces.</summary>
    private static bool StandsAlone(string text, int start, int length) =>
        IsHan(text.Substring(start, length))
        || ((start == 0 || !IsLatin(text[start - 1])) && (start + length == text.Length || !IsLatin(text[start + length])));

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

    [GeneratedRegex(@"[ \t]{2,}", RegexOptions.None, 1000)]
    private static partial Regex WhiteSpaces();
}
