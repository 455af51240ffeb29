using System.Globalization;
using System.Text.Json;
using Solacore.Core.Words;

namespace Solacore.Core.Safety;

/// <summary>What a person in danger is told.</summary>
/// <param name="Text">Short and warm, in the person's language, with the numbers to call in it.</param>
/// <param name="Resources">
/// Region (ISO 3166-1 alpha-2) to telephone number: <c>US</c> and <c>ES</c>, the person's own where it is known, and what the
/// operator has added.
/// </param>
public sealed record CrisisAnswer(string Text, IReadOnlyDictionary<string, string> Resources);

/// <summary>
/// The helplines and the words around them, from <c>Words/crisis-answer.*.json</c> and <c>Words/helplines.json</c>.
/// An operator's file of the form <c>{"helplines":{"FR":"3114"},"answers":{"en":{"text":"…","region":"…"}}}</c>
/// adds to them or replaces single entries without a build.
/// </summary>
public sealed class CrisisResources
{
    private const string DefaultLanguage = "en";

    private static readonly string[] AlwaysShown = ["US", "ES"];

    private readonly Dictionary<string, string> _helplines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shown = [.. AlwaysShown];
    private readonly Dictionary<string, AnswerText> _answers = new(StringComparer.Ordinal);

    private CrisisResources()
    {
    }

    /// <summary>Reads the built-in texts and numbers and, when given, the operator's file over them.</summary>
    /// <exception cref="InvalidDataException">The operator's file is missing or malformed; the message says where and why.</exception>
    public static CrisisResources Load(string? operatorFile)
    {
        var resources = new CrisisResources();
        resources.Add(BuiltInFile.ReadJson<Overrides>("words/helplines.json", JsonSerializerOptions.Web));
        foreach (var (name, language) in WordFile.Of("crisis-answer", ".json"))
        {
            resources._answers[language] = BuiltInFile.ReadJson<AnswerText>($"words/{name}", JsonSerializerOptions.Web);
        }

        if (operatorFile is not null)
        {
            var added = ReadOperatorFile(operatorFile);
            resources.Add(added);
            resources._shown.UnionWith((added.Helplines ?? []).Keys.Select(region => region.ToUpperInvariant()));
        }

        return resources;
    }

    /// <summary>The answer for a locale such as <c>es</c> or <c>zh-CN</c>; an unknown language gets English.</summary>
    /// <param name="locale">BCP 47 tag or language alone.</param>
    /// <param name="region">ISO 3166-1 alpha-2, any case; null takes the region out of the locale, if it has one.</param>
    public CrisisAnswer Answer(string locale, string? region)
    {
        var tags = locale.Split('-', '_');
        var answer = _answers.GetValueOrDefault(tags[0].ToLowerInvariant()) ?? _answers[DefaultLanguage];
        var country = (region ?? tags.Skip(1).LastOrDefault(tag => tag.Length == 2))?.ToUpperInvariant();
        var text = string.Format(CultureInfo.InvariantCulture, answer.Text, _helplines["US"], _helplines["ES"]);
        var resources = _shown.ToDictionary(shown => shown, shown => _helplines[shown], StringComparer.Ordinal);
        if (country is not null && !AlwaysShown.Contains(country, StringComparer.Ordinal) && _helplines.TryGetValue(country, out var number))
        {
            text = string.Format(CultureInfo.InvariantCulture, answer.Region, number) + " " + text;
            resources[country] = number;
        }

        return new CrisisAnswer(text, resources);
    }

    private void Add(Overrides overrides)
    {
        foreach (var (region, number) in overrides.Helplines ?? [])
        {
            _helplines[region.ToUpperInvariant()] = number;
        }

        foreach (var (language, answer) in overrides.Answers ?? [])
        {
            _answers[language.ToLowerInvariant()] = answer;
        }
    }

    private static Overrides ReadOperatorFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var overrides = JsonSerializer.Deserialize<Overrides>(file, JsonSerializerOptions.Web)
                ?? throw new InvalidDataException($"The crisis resources file '{path}' must hold a JSON object.");
            return Problem(overrides) is { } problem
                ? throw new InvalidDataException($"The crisis resources file '{path}' is not usable: {problem}")
                : overrides;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The crisis resources file '{path}' cannot be read: {cause.Message}", cause);
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"The crisis resources file '{path}' is not valid: {cause.Message}", cause);
        }
    }

    private static string? Problem(Overrides overrides)
    {
        foreach (var (region, number) in overrides.Helplines ?? [])
        {
            if (region.Length != 2 || !region.All(char.IsAsciiLetter))
            {
                return $"'{region}' is not a two-letter region.";
            }

            if (string.IsNullOrWhiteSpace(number))
            {
                return $"the number of {region} is empty.";
            }
        }

        foreach (var (language, answer) in overrides.Answers ?? [])
        {
            if (answer?.Text is null || answer.Region is null)
            {
                return $"the answer in '{language}' needs 'text' and 'region'.";
            }

            try
            {
                _ = string.Format(CultureInfo.InvariantCulture, answer.Text, "", "") + string.Format(CultureInfo.InvariantCulture, answer.Region, "");
            }
            catch (FormatException)
            {
                return $"the answer in '{language}' may hold only {{0}} (US number) and {{1}} (ES number), 'region' only {{0}}.";
            }

            if (!answer.Text.Contains("{0}", StringComparison.Ordinal) || !answer.Text.Contains("{1}", StringComparison.Ordinal))
            {
                return $"the text in '{language}' must hold {{0}} (US number) and {{1}} (ES number).";
            }

            if (!answer.Region.Contains("{0}", StringComparison.Ordinal))
            {
                return $"the region sentence in '{language}' must hold {{0}} (the number).";
            }
        }

        return null;
    }

    /// <summary><c>Text</c> holds {0} for the US number and {1} for the Spanish one; <c>Region</c> holds {0}.</summary>
    private sealed record AnswerText(string Text, string Region);

    private sealed record Overrides(Dictionary<string, string>? Helplines, Dictionary<string, AnswerText>? Answers);
}
