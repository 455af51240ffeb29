using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Solacore.Core.Solve;

/// <summary>
/// The written sentences of one language, from <c>Coach/en.json</c>, <c>es.json</c>, <c>zh.json</c>. A translator
/// edits only those files:
/// <list type="bullet">
/// <item><c>phrases</c>: several wordings per key. <c>{concern}</c>, <c>{goal}</c> and the like are filled in. A wording
/// whose place cannot be filled is left out, and the wordings that say most about the person are preferred.</item>
/// <item><c>wishes</c>: how a goal goes on after "How could I …", the first opening that fits.</item>
/// <item><c>options</c>: the three stock options.</item>
/// </list>
/// </summary>
internal sealed partial class CoachPhrases
{
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web);

    private static readonly FrozenDictionary<string, CoachPhrases> All =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    private const RegexOptions WishOptions = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private readonly CoachFile _file;
    private readonly List<(Regex Opening, string Phrase)> _wishes;

    private CoachPhrases(CoachFile file)
    {
        _file = file;
        _wishes = [.. file.Wishes.Select(wish => (new Regex(wish.Opening, WishOptions), wish.Phrase))];
    }

    public static CoachPhrases For(string locale) => All.TryGetValue(locale, out var phrases) ? phrases : All[ReplyLocale.Default];

    /// <summary>
    /// What the person said, as the places in the sentences call it; what is unknown is left out. <c>wish</c> is the
    /// goal as it goes on after "How could I …", <c>aim</c> the goal without its "I want to".
    /// </summary>
    public Dictionary<string, string> Values(string? concern, string? goal, IReadOnlyList<string> constraints)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("concern", concern);
        Add("goal", goal);
        Add("constraint", constraints.Count > 0 ? constraints[0] : null);
        Add("constraint2", constraints.Count > 1 ? constraints[1] : null);
        if (values.TryGetValue("goal", out var quotable))
        {
            AddWish(quotable, values);
        }

        return values;

        void Add(string name, string? text)
        {
            if (Quotable(text) is { Length: > 0 } line)
            {
                values[name] = line;
            }
        }
    }

    public string Say(string key, IReadOnlyDictionary<string, string> values, int variation) =>
        Fill(Choose(_file.Phrases[key], values, variation + Spread(key)), values);

    public IReadOnlyList<SolveOption> Options(IReadOnlyDictionary<string, string> values, int variation) =>
    [
        .. _file.Options.Select((option, index) => new SolveOption(
            option.Title,
            Fill(Choose(option.Description, values, variation + index), values),
            option.Pros,
            option.Cons)),
    ];

    /// <summary>Closing marks go, because the sentence around the quotation has its own; the three dots of a cut text stay.</summary>
    internal static string Quotable(string? text)
    {
        var line = Wording.OneLine(text ?? "");
        return line.EndsWith("...", StringComparison.Ordinal) ? line : line.TrimEnd('.', '!', '?', ',', ';', ':', '。', '！', '？', '，', '；', '：', ' ');
    }

    private void AddWish(string goal, Dictionary<string, string> values)
    {
        var sentence = Quotable(FirstSentence().Match(goal).Value);
        foreach (var (opening, phrase) in _wishes)
        {
            if (opening.Match(sentence) is { Success: true } match)
            {
                values["aim"] = match.Groups["rest"].Value;
                values["wish"] = phrase.Replace("{rest}", match.Groups["rest"].Value, StringComparison.Ordinal);
                return;
            }
        }
    }

    private static string Choose(IReadOnlyList<string> wordings, IReadOnlyDictionary<string, string> values, int variation)
    {
        var fitting = wordings.Where(wording => Place().Matches(wording).All(place => values.ContainsKey(place.Groups["name"].Value))).ToList();
        var most = fitting.Max(Places);
        var richest = fitting.Where(wording => Places(wording) == most).ToList();
        return richest[variation % richest.Count];
    }

    private static int Places(string wording) => Place().Count(wording);

    /// <summary>One pass, so that braces in the person's own words stay what they are.</summary>
    private static string Fill(string wording, IReadOnlyDictionary<string, string> values) =>
        Place().Replace(wording, place => values[place.Groups["name"].Value]);

    /// <summary>Keeps the parts of one reply from all using their first wording at the same time.</summary>
    private static int Spread(string key) => key.Sum(letter => letter);

    private static CoachPhrases Load(string locale)
    {
        using var stream = typeof(CoachPhrases).Assembly.GetManifestResourceStream($"coach/{locale}.json")
            ?? throw new InvalidOperationException($"The embedded resource coach/{locale}.json is missing.");
        return new CoachPhrases(JsonSerializer.Deserialize<CoachFile>(stream, FileJson)!);
    }

    [GeneratedRegex(@"\{(?<name>[a-z0-9]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

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
internal sealed record CoachWish(string Opening, string Phrase);

internal sealed record CoachOption(string Title, IReadOnlyList<string> Description, IReadOnlyList<string> Pros, IReadOnlyList<string> Cons);
