using System.Text.Json;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// What a model read out of the person's message and returned as structured output. It is foreign data: the profile
/// only takes it after <see cref="Validate"/>, and whatever is missing comes from the deterministic extraction.
/// </summary>
public sealed record ProfileUpdate
{
    public const int MaxGoalLength = 120;
    public const int MaxEntryLength = 120;
    public const int MaxEntries = 5;
    public const int OptionCount = 3;
    public const int MaxTitleLength = 80;
    public const int MaxDescriptionLength = 300;

    /// <summary>
    /// JSON Schema of the answer, in the strict subset that providers enforce: every member required, no others.
    /// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    /// </summary>
    public const string Schema =
        """
        {"type":"object","additionalProperties":false,"required":["goal","success_criteria","constraints","attempts","options"],"properties":{
        "goal":{"type":["string","null"]},
        "success_criteria":{"type":"array","items":{"type":"string"}},
        "constraints":{"type":"array","items":{"type":"string"}},
        "attempts":{"type":"array","items":{"type":"string"}},
        "options":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["title","description","pros","cons"],"properties":{
        "title":{"type":"string"},"description":{"type":"string"},
        "pros":{"type":"array","items":{"type":"string"}},"cons":{"type":"array","items":{"type":"string"}}}}}}}
        """;

    public string? Goal { get; init; }

    public IReadOnlyList<string>? SuccessCriteria { get; init; }

    public IReadOnlyList<string>? Constraints { get; init; }

    public IReadOnlyList<string>? Attempts { get; init; }

    /// <summary>Exactly three, or none.</summary>
    public IReadOnlyList<SolveOption>? Options { get; init; }

    /// <summary>Reads a model's answer; null when it holds no such JSON. Models without schemas put it between fences.</summary>
    public static ProfileUpdate? Parse(string? answer)
    {
        var (start, end) = (answer?.IndexOf('{') ?? -1, answer?.LastIndexOf('}') ?? -1);
        if (start < 0 || end < start)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ProfileUpdate>(answer![start..(end + 1)], ProfileJson.Lenient)?.Validate();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The same data on single lines and inside the limits: blank and over-long entries are dropped, lists end after
    /// <see cref="MaxEntries"/>, and options are kept only when all three are whole and none has another's title. Validating twice changes nothing.
    /// </summary>
    public ProfileUpdate Validate() => new()
    {
        Goal = Line(Goal, MaxGoalLength),
        SuccessCriteria = Lines(SuccessCriteria),
        Constraints = Lines(Constraints),
        Attempts = Lines(Attempts),
        Options = ThreeOptions(Options),
    };

    private static string? Line(string? text, int maxLength)
    {
        var line = Wording.OneLine(text ?? "");
        return line.Length > 0 && Wording.Length(line) <= maxLength ? line : null;
    }

    private static List<string> Lines(IReadOnlyList<string>? texts) =>
        [.. (texts ?? []).Select(text => Line(text, MaxEntryLength)).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxEntries)];

    private static List<SolveOption> ThreeOptions(IReadOnlyList<SolveOption>? options)
    {
        var whole = (options ?? []).Select(Whole).OfType<SolveOption>().ToList();
        var titles = whole.Select(option => Wording.Plain(option.Title)).Distinct(StringComparer.Ordinal);
        return options?.Count == OptionCount && titles.Count() == OptionCount ? whole : [];
    }

    private static SolveOption? Whole(SolveOption? option) =>
        Line(option?.Title, MaxTitleLength) is { } title && Line(option?.Description, MaxDescriptionLength) is { } description
            ? new SolveOption(title, description, Lines(option?.Pros), Lines(option?.Cons))
            : null;
}
