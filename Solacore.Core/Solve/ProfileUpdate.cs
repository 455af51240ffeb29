using System.Text.Json;

namespace Solacore.Core.Solve;

/// <summary>
/// What a model read out of the person's message and returned as structured output. It is foreign data: the engine
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

    public string? Goal { get; init; }

    public IReadOnlyList<string>? SuccessCriteria { get; init; }

    public IReadOnlyList<string>? Constraints { get; init; }

    public IReadOnlyList<string>? Attempts { get; init; }

    /// <summary>Exactly three, or none.</summary>
    public IReadOnlyList<SolveOption>? Options { get; init; }

    /// <summary>Reads a model's answer; null when it is not the expected JSON.</summary>
    public static ProfileUpdate? Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ProfileUpdate>(json, ProfileJson.Lenient)?.Validate();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The same data on single lines and inside the limits: blank and over-long entries are dropped, lists end after
    /// <see cref="MaxEntries"/>, and options are kept only when all three are whole. Validating twice changes nothing.
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
        return options?.Count == OptionCount && whole.Count == OptionCount ? whole : [];
    }

    private static SolveOption? Whole(SolveOption? option) =>
        Line(option?.Title, MaxTitleLength) is { } title && Line(option?.Description, MaxDescriptionLength) is { } description
            ? new SolveOption(title, description, Lines(option?.Pros), Lines(option?.Cons))
            : null;
}
