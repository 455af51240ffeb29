using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// The written sentences of one language, from <c>Coach/en.json</c>, <c>es.json</c>, <c>zh.json</c>. A translator
/// edits only those files:
/// <list type="bullet">
/// <item><c>phrases</c>: several wordings per key. <c>{concern}</c>, <c>{goal}</c> and the like are filled in. A wording
/// whose place cannot be filled is left out, and the wordings that say most about the person are preferred.</item>
/// <item><c>wishes</c>: how a goal goes on after "How could I …" and what it is called in quotation marks, the first opening
/// that fits.</item>
/// <item><c>options</c>: the three stock options.</item>
/// </list>
/// </summary>
internal sealed partial class CoachPhrases
{
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web);

    private static readonly FrozenDictionary<string, CoachPhrases> All =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    /// <summary>For patterns that a translator writes: NonBacktracking keeps matching linear on any input.</summary>
    internal const RegexOptions PatternOptions = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    /// <summary>What <see cref="Wording"/> puts behind a text that it has cut.</summary>
    private const string Cut = "...";

    private static readonly char[] StatementMarks = [.. ".!;。！；"];
    private static readonly char[] ClosingMarks = [.. ".!?,;:。！？，；： "];

    private readonly CoachFile _file;
    private readonly List<(Regex Opening, CoachWish Wish)> _wishes;

    private CoachPhrases(CoachFile file)
    {
        _file = file;
        _wishes = [.. file.Wishes.Select(wish => (new Regex(wish.Opening, PatternOptions), wish))];
    }

    public static CoachPhrases For(string locale) => All.TryGetValue(locale, out var phrases) ? phrases : All[ReplyLocale.Default];

    /// <summary>
    /// What the person said, as the places in the sentences call it; what is unknown is left out, and so is "I don't know".
    /// <c>wish</c> is the goal as it goes on after "How could I …", <c>aim</c> the goal without its "I want to".
    /// </summary>
    public Dictionary<string, string> Values(string? concern, string? goal, IReadOnlyList<string> constraints)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var limits = constraints.Where(constraint => !NoAnswer.Is(constraint)).Take(2).ToList();
        Add("concern", concern);
        Add("goal", goal);
        Add("constraint", limits.ElementAtOrDefault(0));
        Add("constraint2", limits.ElementAtOrDefault(1));
        if (values.TryGetValue("goal", out var quotable))
        {
            AddWish(quotable, values);
        }

        return values;

        void Add(string name, string? text)
        {
            if (text is not null && !NoAnswer.Is(text) && Quotable(text) is { Length: > 0 } line)
            {
                values[name] = line;
            }
        }
    }

    /// <param name="key">Of the phrase.</param>
    /// <param name="values">From <see cref="Values"/>, and what else the places need.</param>
    /// <param name="session">Not negative: each session has its own mixture of wordings.</param>
    /// <param name="turn">Not negative: each turn goes on to the next wording.</param>
    public string Say(string key, IReadOnlyDictionary<string, string> values, int session, int turn) =>
        Placeholders.Fill(Choose(_file.Phrases[key], values, Mixed(session, key) + turn), values);

    public IReadOnlyList<SolveOption> Options(IReadOnlyDictionary<string, string> values, int session) =>
    [
        .. _file.Options.Select(option => new SolveOption(
            option.Title,
            Placeholders.Fill(Choose(option.Description, values, Mixed(session, option.Title)), values),
            option.Pros,
            option.Cons)),
    ];

    /// <summary>
    /// A person's words for quotation marks: closing marks go, because the sentence around has its own, a question to the
    /// coach behind the statement goes too, and a text that was cut ends with a whole sentence, clause or word.
    /// </summary>
    internal static string Quotable(string? text)
    {
        // Cleaning makes all marks narrow; between Chinese characters they look wrong.
        var line = NarrowComma().Replace(Wording.OneLine(text ?? ""), "，");
        if (line.EndsWith(Cut, StringComparison.Ordinal))
        {
            return Whole(line[..^Cut.Length]);
        }

        var statement = line is [.., '?' or '？'] ? line.LastIndexOfAny(StatementMarks) : -1;
        return (statement >= line.Length / 3 ? line[..statement] : line).TrimStart('¿', '¡').TrimEnd(ClosingMarks);
    }

    private static string Whole(string beginning)
    {
        foreach (var (marks, isSentence) in new[] { (".!?。！？；;", true), (",，、", false), (" ", false) })
        {
            // Too short a beginning would say nothing.
            if (beginning.LastIndexOfAny(marks.ToCharArray()) is var end && end >= beginning.Length / 3)
            {
                return beginning[..end].TrimEnd(ClosingMarks) + (isSentence ? "" : "…");
            }
        }

        return beginning + "…";
    }

    private void AddWish(string goal, Dictionary<string, string> values)
    {
        var sentence = Quotable(FirstSentence().Match(goal).Value);
        foreach (var (opening, wish) in _wishes)
        {
            if (opening.Match(sentence) is { Success: true } match)
            {
                var rest = match.Groups["rest"];
                values["rest"] = rest.Value;
                values["aim"] = Quotable(Wording.Concern(Placeholders.Fill(wish.Aim, values)));
                values["rest"] = rest.Index == 0 ? InsideSentence(rest.Value) : rest.Value;
                values["wish"] = Placeholders.Fill(wish.Phrase, values);
                return;
            }
        }
    }

    /// <summary>"Sleep better" goes on as "sleep better"; "I", "TV" and the like stay.</summary>
    private static string InsideSentence(string text) =>
        text is [var first, var second, ..] && char.IsUpper(first) && char.IsLower(second) ? char.ToLowerInvariant(first) + text[1..] : text;

    private static string Choose(IReadOnlyList<string> wordings, IReadOnlyDictionary<string, string> values, int variation)
    {
        var fitting = wordings.Where(wording => Placeholders.CanFill(wording, values)).ToList();
        var most = fitting.Max(Placeholders.Count);
        var richest = fitting.Where(wording => Placeholders.Count(wording) == most).ToList();
        return richest[variation % richest.Count];
    }

    /// <summary>FNV-1a, the same in every process: the parts of a reply choose their wordings independently of each other.</summary>
    private static int Mixed(int session, string key)
    {
        var hash = unchecked(2166136261u ^ (uint)session);
        foreach (var letter in key)
        {
            hash = unchecked((hash ^ letter) * 16777619u);
        }

        return (int)(hash >> 12);
    }

    private static CoachPhrases Load(string locale) => new(BuiltInFile.ReadJson<CoachFile>($"coach/{locale}.json", FileJson));

    [GeneratedRegex(@"(?<=[\u3400-\u9fff]),\s?(?=[\u3400-\u9fff])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NarrowComma();

    [GeneratedRegex(@"^([^.!?;。！？；]|[.](?=\S))*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FirstSentence();
}

internal sealed record CoachFile
{
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Phrases { get; init; }

    public required IReadOnlyList<CoachWish> Wishes { get; init; }

    public required IReadOnlyList<CoachOption> Options { get; init; }
}

/// <summary>How a goal that begins in one way goes on after "How could I".</summary>
/// <param name="Opening">A regular expression with a group named <c>rest</c>.</param>
/// <param name="Phrase">What follows "How could I"; <c>{rest}</c> is filled in.</param>
/// <param name="Aim">What stands in quotation marks: <c>{rest}</c>, or <c>{goal}</c> where the rest alone is no phrase.</param>
internal sealed record CoachWish(string Opening, string Phrase, string Aim = "{rest}");

internal sealed record CoachOption(string Title, IReadOnlyList<string> Description, IReadOnlyList<string> Pros, IReadOnlyList<string> Cons);
