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
/// that fits; <c>otherWish</c> where none does.</item>
/// <item><c>quotes</c>: what of a person's words is not quoted, and which obstacles lie outside their hands.</item>
/// <item><c>options</c>: the three stock options.</item>
/// </list>
/// </summary>
internal sealed partial class CoachPhrases
{
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web);

    private static readonly FrozenDictionary<string, CoachPhrases> All =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    private readonly CoachFile _file;
    private readonly WrittenPatterns _wishes;
    private readonly Regex _filler;
    private readonly Regex _empty;
    private readonly Regex _outside;
    private readonly Regex _own;
    private readonly Regex _plan;
    private readonly Regex _wanted;

    private CoachPhrases(CoachFile file)
    {
        _file = file;
        _wishes = new WrittenPatterns([.. file.Wishes.Select(wish => wish.Opening)]);
        _filler = WrittenPattern.Of(file.Quotes.Filler);
        _empty = WrittenPattern.Of(file.Quotes.Empty);
        _outside = WrittenPattern.Of(file.Quotes.Outside);
        _own = WrittenPattern.Of(file.Quotes.Own);
        _plan = WrittenPattern.Of(file.Quotes.Plan);
        _wanted = WrittenPattern.Of(file.Quotes.Wanted);
    }

    public static CoachPhrases For(string locale) => All.TryGetValue(locale, out var phrases) ? phrases : All[ReplyLocale.Default];

    /// <summary>
    /// What the person said, as the places in the sentences call it; what is unknown is left out, and so is what says nothing.
    /// <c>wish</c> is the goal as it goes on after "How could I …", <c>aim</c> the goal without its "I want to", <c>limit</c>
    /// the first obstacle that lies outside the person's hands.
    /// </summary>
    public Dictionary<string, string> Values(string? concern, string? goal, IReadOnlyList<string> constraints)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var obstacles = constraints.Where(text => !NoAnswer.Is(text) && !IsQuestion(text)).Select(Quoted).Where(line => !_empty.IsMatch(line)).ToList();
        Add("concern", concern is null ? "" : Quoted(concern));
        Add("goal", goal is null ? "" : Quoted(goal));
        Add("constraint", obstacles.ElementAtOrDefault(0));
        Add("constraint2", obstacles.ElementAtOrDefault(1));
        Add("limit", obstacles.Find(IsOutside));
        if (values.TryGetValue("goal", out var quotable))
        {
            AddWish(quotable, values);
        }

        return values;

        void Add(string name, string? line)
        {
            if (!string.IsNullOrEmpty(line))
            {
                values[name] = line;
            }
        }
    }

    /// <summary>True when a text is worded as something wanted, such as "I'd like to …" or "sleep better".</summary>
    public bool IsWish(string text) => Wish(text).Wish is not null;

    /// <summary>
    /// True when a text says outright that its author wants something, such as "I'd like to …". Narrower than
    /// <see cref="IsWish"/>: "work too much" and "I need the money" may well be obstacles.
    /// </summary>
    public bool IsWanted(string text) => _wanted.IsMatch(Quoted(text));

    /// <summary>
    /// The goal in a text: the first sentence that says outright what is wanted, when the text begins with something else; the
    /// whole text without one.
    /// </summary>
    public string GoalIn(string text) =>
        IsWish(text) ? text : Sentence().Matches(text).Select(sentence => sentence.Value.Trim()).FirstOrDefault(IsWanted) ?? text;

    /// <summary>True when a text begins as something that its author is going to do, such as "I will call her".</summary>
    public bool IsPlan(string text) => _plan.IsMatch(Quoted(text));

    /// <summary>A person's words for quotation marks, without "ok", "and" or "as I said" in front.</summary>
    public string Quoted(string text)
    {
        var line = Quotation.Of(text);
        var filler = _filler.Match(line);
        return filler.Success && filler.Length < line.Length ? line[filler.Length..] : line;
    }

    /// <summary>A habit or fear of one's own is no limit that cannot be moved, even when it names other people.</summary>
    private bool IsOutside(string obstacle) => _outside.IsMatch(obstacle) && !_own.IsMatch(obstacle);

    private static bool IsQuestion(string text) => text is [.., '?' or '？'] || QuestionBack.Is(text);

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

    private void AddWish(string goal, Dictionary<string, string> values)
    {
        // "No debts; a quiet flat": a list stays whole.
        var isList = !IsWanted(goal) && Wording.Split(goal, ";；").Count() > 1;
        var (match, wish) = isList ? (null, null) : Wish(goal);
        if ((isList ? Quotation.Of(goal) : FirstOf(goal)) is not { Length: > 0 } sentence)
        {
            return;
        }

        var parts = match is null
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["rest"] = sentence }
            : match.Groups.Values.Skip(1).ToDictionary(group => group.Name, group => group.Value, StringComparer.Ordinal);
        parts["goal"] = goal;
        values["aim"] = Quotation.Of(Wording.Concern(Placeholders.Fill(wish?.Aim ?? "{rest}", parts)));
        foreach (var first in match?.Groups.Values.Skip(1).Where(group => group is { Success: true, Index: 0 }) ?? [])
        {
            parts[first.Name] = InsideSentence(first.Value);
        }

        values["wish"] = Placeholders.Fill(wish?.Phrase ?? _file.OtherWish, parts);
    }

    private (Match? Match, CoachWish? Wish) Wish(string goal) =>
        _wishes.First(FirstOf(goal)) is var (number, match) ? (match, _file.Wishes[number]) : (null, null);

    private static string FirstOf(string goal) => Quotation.Of(FirstSentence().Match(goal).Value);

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

    [GeneratedRegex(@"^([^.!?;。！？；]|[.](?=\S))*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FirstSentence();

    [GeneratedRegex(@"([^.!?;。！？；]|[.](?=\S))+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sentence();
}

internal sealed record CoachFile
{
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Phrases { get; init; }

    public required IReadOnlyList<CoachWish> Wishes { get; init; }

    /// <summary>What follows "How could I" where no wish fits; <c>{rest}</c> is the first sentence of the goal.</summary>
    public required string OtherWish { get; init; }

    public required CoachQuotes Quotes { get; init; }

    public required IReadOnlyList<CoachOption> Options { get; init; }
}

/// <summary>How a goal that begins in one way goes on after "How could I".</summary>
/// <param name="Opening">A regular expression with groups named <c>rest</c> and the like.</param>
/// <param name="Phrase">What follows "How could I"; <c>{rest}</c> and the other groups are filled in.</param>
/// <param name="Aim">What stands in quotation marks: <c>{rest}</c>, or <c>{goal}</c> where the rest alone is no phrase.</param>
internal sealed record CoachWish(string Opening, string Phrase, string Aim = "{rest}");

/// <summary>Regular expressions about a person's words.</summary>
/// <param name="Filler">Beginnings that a quotation does without: "ok,", "and", "as I said:".</param>
/// <param name="Empty">Pieces that say nothing alone: "you know", "her".</param>
/// <param name="Outside">Obstacles outside a person's hands: time, money, other people, places.</param>
/// <param name="Own">Obstacles that are habits or fears of one's own, whatever else they name.</param>
/// <param name="Plan">How a text begins that says what its author is going to do.</param>
/// <param name="Wanted">How a text begins that says outright what its author wants.</param>
internal sealed record CoachQuotes(string Filler, string Empty, string Outside, string Own, string Plan, string Wanted);

internal sealed record CoachOption(string Title, IReadOnlyList<string> Description, IReadOnlyList<string> Pros, IReadOnlyList<string> Cons);
