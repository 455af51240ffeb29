using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Solacore.Core.Language;
using Solacore.Core.Solve;

namespace Solacore.Core.Learn;

/// <summary>
/// Writes learn replies without any model, in the brief's language, from <c>Coach/en.json</c>, <c>es.json</c>,
/// <c>zh.json</c>: an opening that takes up what the person wrote, then the next move of the tool or step. A translator
/// edits only those files. The same brief always gives the same text.
/// </summary>
public static class LearnCoach
{
    private static readonly FrozenDictionary<string, Sentences> All = ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    /// <summary>A truncated topic shorter than this (characters) is too vague to quote.</summary>
    private const int ShortestCut = 15;

    /// <summary>Never empty. The coach cannot judge what was written; it leads through the technique, round by round.</summary>
    public static string Write(LearnBrief brief)
    {
        var sentences = All.TryGetValue(brief.Locale, out var known) ? known : All[ReplyLocale.Default];
        var topic = sentences.TopicOf(CoachPhrases.Quotable(brief.Topic));
        var said = CoachPhrases.Quotable(Wording.Concern(brief.UserText));
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["said"] = said,
            ["topic"] = topic.Length == 0 ? sentences.Unnamed : Placeholders.Fill(sentences.Named, new Dictionary<string, string>(StringComparer.Ordinal) { ["topic"] = topic }),
        };

        // A message that is the topic itself would be quoted twice.
        var isTopic = brief.Topic is null || LearnRules.Topic(brief.UserText) == brief.Topic;
        var openings = said.Length == 0 || isTopic ? sentences.Welcome
            : NoAnswer.Is(brief.UserText) ? sentences.Unsure
            : sentences.Heard;
        var moves = sentences.Moves[brief.Tool ?? brief.Step.ToWire()];
        var between = brief.Locale == "zh" ? "" : " ";
        return Placeholders.Fill(openings[brief.Round % openings.Count], values) + between + Placeholders.Fill(moves[brief.Round % moves.Count], values);
    }

    private static Sentences Load(string locale)
    {
        var read = BuiltInFile.ReadJson<Sentences>($"learn-coach/{locale}.json", JsonSerializerOptions.Web);
        return read with { Patterns = [.. read.Openings.Select(opening => new Regex(opening, CoachPhrases.PatternOptions))] };
    }

    /// <summary>The written sentences of one language.</summary>
    private sealed record Sentences
    {
        /// <summary>
        /// How people announce a topic, "I want to learn", as regular expressions with a group named <c>rest</c>: the topic.
        /// </summary>
        public required IReadOnlyList<string> Openings { get; init; }

        [JsonIgnore]
        public IReadOnlyList<Regex> Patterns { get; init; } = [];

        /// <summary>How a topic stands in a sentence.</summary>
        public required string Named { get; init; }

        /// <summary>What stands there without one.</summary>
        public required string Unnamed { get; init; }

        public required IReadOnlyList<string> Welcome { get; init; }

        public required IReadOnlyList<string> Heard { get; init; }

        /// <summary>Instead of <see cref="Heard"/> to "I don't know".</summary>
        public required IReadOnlyList<string> Unsure { get; init; }

        /// <summary>By step or tool, in the order of the rounds.</summary>
        public required IReadOnlyDictionary<string, IReadOnlyList<string>> Moves { get; init; }

        /// <summary>"Spanish" of "I want to learn Spanish"; empty when the cut has left too little of it to be named.</summary>
        public string TopicOf(string announced)
        {
            var match = Patterns.Select(pattern => pattern.Match(announced)).FirstOrDefault(match => match.Success);
            return match?.Groups["rest"].Value switch
            {
                null => announced,
                [.., '…'] and { Length: < ShortestCut } => "",
                var topic => topic,
            };
        }
    }
}
