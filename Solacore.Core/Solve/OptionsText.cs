using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// The form of the reply that moves a session into step options (contract/http-api.md 22.1): it ends with the lines
/// <c>A) …</c>, <c>B) …</c>, <c>C) …</c>, nothing after the last one. The mobile client makes cards of them.
/// </summary>
public static partial class OptionsText
{
    /// <summary>What models put before the letter or number of an option: marks of headings, lists and bold type, and the word itself.</summary>
    internal const string LineStart = @"^\s*(#{1,6}\s*)?([-*•]\s+)?(\*\*|__)?((?i:Option|Opci[oó]n)\s+|选项\s?|選項\s?|方案\s?)?[(（]?";

    private const string Letters = "ABC";

    private const string Numerals = "一二三四";

    /// <summary>What models put between the mark of an option and its text.</summary>
    private static readonly char[] Separators = [.. " :：-–—"];

    /// <summary>The three lines, joined by line feeds.</summary>
    public static string Lines(IReadOnlyList<SolveOption> options) => Lines([.. options.Select(Text)]);

    /// <summary>
    /// The options that a well-formed reply shows: whoever picks one afterwards means these. A model may have put its own in
    /// the place of the brief's; of those it gave no pros and cons.
    /// </summary>
    public static IReadOnlyList<SolveOption> Shown(string reply, IReadOnlyList<SolveOption> options) =>
        [.. reply.Split('\n')[^Letters.Length..].Select((line, index) => line["A) ".Length..] is var text && text == Wording.OneLine(Text(options[index])) ? options[index] : Read(text))];

    /// <summary>True when the reply ends with the three lines and has no other line that looks like a card.</summary>
    public static bool IsWellFormed(string reply)
    {
        var lines = reply.Split('\n');
        return lines.Length >= Letters.Length
            && Letters.Select((letter, index) => IsCard(lines[lines.Length - Letters.Length + index], letter)).All(isCard => isCard)
            && lines.Count(line => AnyCard().IsMatch(line)) == Letters.Length;
    }

    /// <summary>
    /// Gives a reply that moves into options its form. Options that the model wrote in another shape ("1. …",
    /// "**A.** …", text behind them) are kept and rewritten; without three of them the brief's own are used.
    /// Any other reply is returned as it is.
    /// </summary>
    public static string EnsureOptions(string reply, ReplyBrief brief)
    {
        if (!brief.MovesIntoOptions || IsWellFormed(reply))
        {
            return reply;
        }

        var lines = reply.Replace("\r", "", StringComparison.Ordinal).Split('\n').Where(line => !NextStep().IsMatch(line) && !Fence().IsMatch(line)).ToList();
        var (start, texts) = Written(lines, LetteredLine()) ?? Written(lines, NumberedLine()) ?? (FirstCard(lines), []);
        var lead = string.Join('\n', lines.Take(start).Where(line => !AnyCard().IsMatch(line))).Trim();
        var cards = texts.Count == Letters.Length ? Lines(texts) : Lines(brief.Options);
        return lead.Length == 0 ? cards : $"{lead}\n\n{cards}";
    }

    /// <summary>The option on one line, without its letter: title and description, or the longer one when it begins with the other.</summary>
    internal static string Text(SolveOption option)
    {
        if (option.Description.StartsWith(option.Title.TrimEnd('…'), StringComparison.Ordinal))
        {
            return option.Description;
        }

        return option.Title.StartsWith(option.Description, StringComparison.Ordinal)
            ? option.Title
            : option.Title + (EndsInHan(option.Title) ? "：" : ": ") + option.Description;
    }

    /// <summary>An option as a model wrote it; without a title of its own the whole text is one.</summary>
    private static SolveOption Read(string text)
    {
        var line = Wording.OneLine(text).TrimStart(Separators);
        string[] parts = line.Length > 0 ? TitleEnd().Split(line, 2) : [text];
        return new SolveOption(Shorten(parts[0], ProfileUpdate.MaxTitleLength), Shorten(parts[^1], ProfileUpdate.MaxDescriptionLength), Pros: [], Cons: []);
    }

    /// <summary>Cut behind a word, unless the last one is most of the text.</summary>
    private static string Shorten(string text, int length)
    {
        if (Wording.Length(text) <= length)
        {
            return text;
        }

        var cut = Wording.Cut(text, length - 1);
        return (cut.LastIndexOf(' ') is var end && end >= cut.Length / 3 ? cut[..end] : cut) + "…";
    }

    private static string Lines(IReadOnlyList<string> texts) =>
        string.Join('\n', texts.Select((text, index) => $"{Letters[index]}) {Wording.OneLine(text)}"));

    private static bool EndsInHan(string title) => title.EnumerateRunes().Select(Han.Is).LastOrDefault();

    private static bool IsCard(string line, char letter) =>
        line.Length > 3 && line[0] == letter && line[1] == ')' && line[2] == ' ' && Wording.OneLine(line[3..]).Length > 0 && !line.Contains('\r');

    /// <summary>Three marked lines in their order; lines without a mark belong to the option above, up to a blank line or a question.</summary>
    private static (int Start, List<string> Texts)? Written(List<string> lines, Regex mark)
    {
        var start = lines.FindIndex(line => mark.Match(line) is { Success: true } first && Index(first) == 0);
        if (start < 0)
        {
            return null;
        }

        var texts = new List<string>();
        var open = false;
        foreach (var line in lines.Skip(start))
        {
            var match = mark.Match(line);
            if (match.Success)
            {
                if (Index(match) != texts.Count || texts.Count == Letters.Length)
                {
                    break;
                }

                texts.Add(Unmarked(match.Groups["text"].Value).TrimStart(Separators));
                open = true;
            }
            else if (string.IsNullOrWhiteSpace(line) || line.TrimEnd().EndsWith('?') || line.TrimEnd().EndsWith('？'))
            {
                open = false;
            }
            else if (open)
            {
                texts[^1] = $"{texts[^1]} {Unmarked(line)}";
            }
        }

        return texts.Count == Letters.Length && texts.TrueForAll(text => text.Length > 0) ? (start, texts) : null;
    }

    private static int Index(Match match) => char.ToUpperInvariant(match.Groups["mark"].Value[0]) switch
    {
        >= 'A' and <= 'D' and var letter => letter - 'A',
        var numeral when Numerals.Contains(numeral, StringComparison.Ordinal) => Numerals.IndexOf(numeral, StringComparison.Ordinal),
        var digit => digit - '1',
    };

    private static string Unmarked(string text) => Wording.OneLine(text.Replace("**", "", StringComparison.Ordinal));

    private static int FirstCard(List<string> lines) => lines.FindIndex(line => AnyCard().IsMatch(line)) is >= 0 and var index ? index : lines.Count;

    [GeneratedRegex(@"^\s*[A-D]\)\s", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AnyCard();

    [GeneratedRegex(LineStart + @"(?<mark>[A-Da-d])(\*\*|__)?\s?[).:、．）：](\*\*|__)?\s*(?<text>\S.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LetteredLine();

    [GeneratedRegex(LineStart + @"(?<mark>[1-4一二三四])(\*\*|__)?\s?[).:、．）：](\*\*|__)?\s*(?<text>\S.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"\s*(:\s+|：\s*|\s[-–—]\s+|——)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TitleEnd();

    /// <summary>A line of a code block that some models put around the options.</summary>
    [GeneratedRegex(@"^\s*```\w*\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    /// <summary>An old convention that the web client cuts off.</summary>
    [GeneratedRegex(@"^\s*NEXT_STEP\s*:", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NextStep();
}
