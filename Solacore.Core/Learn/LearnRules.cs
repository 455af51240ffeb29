using System.Text.Json;
using System.Text.Json.Serialization;
using Solacore.Core.Language;

namespace Solacore.Core.Learn;

/// <summary>When to repeat a topic, so that each time comes before it is forgotten.</summary>
public sealed record ReviewSchedule(
    [property: JsonPropertyName("day_1")] DateTimeOffset Day1,
    [property: JsonPropertyName("day_3")] DateTimeOffset Day3,
    [property: JsonPropertyName("day_7")] DateTimeOffset Day7,
    [property: JsonPropertyName("day_15")] DateTimeOffset Day15,
    [property: JsonPropertyName("day_30")] DateTimeOffset Day30)
{
    public static ReviewSchedule From(DateTimeOffset now) =>
        new(now.AddDays(1), now.AddDays(3), now.AddDays(7), now.AddDays(15), now.AddDays(30));

    public static ReviewSchedule? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<ReviewSchedule>(json);

    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <summary>Small rules of learn sessions (contract/http-api.md 13.7, contract/domain.md 10).</summary>
public static class LearnRules
{
    /// <summary>A longer reply counts as a lesson.</summary>
    private const int LessonLength = 50;

    /// <summary>In characters.</summary>
    internal const int TopicLength = 30;

    /// <summary>
    /// The topic after a message to the first step: the beginning of the first one, whatever it says; but while it names nothing,
    /// the next message that does takes its place.
    /// </summary>
    /// <param name="topic">As it is; null before the first message.</param>
    /// <param name="cleaned">The message without orders to the model and personal data.</param>
    public static string? TopicAfter(string? topic, string cleaned)
    {
        var next = string.IsNullOrWhiteSpace(cleaned) ? null : Wording.Shorten(cleaned, TopicLength);
        return topic is null || (!NamesSomething(topic) && next is not null && NamesSomething(next)) ? next : topic;
    }

    /// <summary>False for what only greets or agrees: there is nothing to teach yet. One capital letter is a programming language.</summary>
    public static bool NamesSomething(string topic) => topic is [>= 'A' and <= 'Z'] || !NoAnswer.Is(topic);

    /// <summary>True when a reply completes its step.</summary>
    public static bool IsLesson(string reply) => Wording.Length(reply) > LessonLength;

    /// <summary>What a message is answered with: its own step, else the session's; and its tool. Exactly one result is set.</summary>
    /// <param name="plan">The session's; an empty one allows every tool.</param>
    public static (LearnStep? Step, LearnProblem? Problem) Check(string? step, string? tool, string sessionStep, IReadOnlyList<string> plan)
    {
        if (step is null && tool is null)
        {
            return (null, new LearnProblem(LearnRule.StepOrToolRequired));
        }

        if (tool is not null && !LearnTools.Exists(tool))
        {
            return (null, new LearnProblem(LearnRule.InvalidTool, tool));
        }

        if (tool is not null && plan.Count > 0 && !plan.Contains(tool, StringComparer.Ordinal))
        {
            return (null, new LearnProblem(LearnRule.ToolNotInPlan, tool));
        }

        return EnumNames.TryParse(step ?? sessionStep, out LearnStep known)
            ? (known, null)
            : (null, new LearnProblem(LearnRule.InvalidStep));
    }
}
