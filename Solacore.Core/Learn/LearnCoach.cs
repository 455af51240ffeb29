using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Solacore.Core.Language;

namespace Solacore.Core.Learn;

/// <summary>
/// Writes learn replies without any model, in the brief's language, from <c>Coach/en.json</c>, <c>es.json</c>,
/// <c>zh.json</c>: an opening that takes up what the person wrote, then the next move of the tool or step. A translator
/// edits only those files. The same brief always gives the same text.
/// </summary>
public static partial class LearnCoach
{
    private static readonly JsonSerializerOptions FileJson = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly FrozenDictionary<string, Sentences> All = ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    /// <summary>A truncated topic shorter than this (characters) is too vague to quote.</summary>
    private const int ShortestCut = 15;

    /// <summary>
    /// Never empty. The coach cannot judge what was written; it leads through the technique, round by round. Only to a greeting
    /// it gives no lesson yet and asks for the topic.
    /// </summary>
    public static string Write(LearnBrief brief)
    {
        var sentences = All.TryGetValue(brief.Locale, out var known) ? known : All[ReplyLocale.Default];
        var file = sentences.File;
        var saysNothing = NoAnswer.Is(brief.UserText);
        if (brief is { Topic: null, Step: LearnStep.Start, UserText.Length: > 0 } && saysNothing)
        {
            return file.AskTopic;
        }

        // A message that is the topic itself would be quoted twice.
        var isTopic = brief.Topic is not null && LearnRules.TopicAfter(topic: null, brief.UserText) == brief.Topic;
        var topic = sentences.TopicOf(brief.TopicText ?? (isTopic ? brief.UserText : brief.Topic) ?? "");
        var said = Quotation.Of(Wording.Concern(brief.UserText));
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["said"] = said,
            ["topic"] = topic.Length == 0 ? file.Unnamed : Placeholders.Fill(file.Named, new Dictionary<string, string>(StringComparer.Ordinal) { ["topic"] = topic }),
        };

        var openings = brief.UserText switch
        {
            "" => file.Welcome,
            _ when isTopic => topic is [.., '?' or '？'] ? file.WelcomeQuestion : file.Welcome,
            var text when NoAnswer.IsDoubt(text) => file.Unsure,
            _ when saysNothing => file.Ready,
            _ when brief.Topic is null => file.Welcome,
            var text when QuestionBack.Is(text) => file.Asked,
            var text when sentences.IsBored(text) => file.Dull,
            _ => file.Heard,
        };
        var moves = file.Moves[brief.Tool ?? brief.Step.Name()];
        var between = brief.Locale == "zh" ? "" : " ";
        return Placeholders.Fill(openings[brief.Round % openings.Count], values) + between + Placeholders.Fill(moves[brief.Round % moves.Count], values);
    }

    private static Sentences Load(string locale) => new(BuiltInFile.ReadJson<LearnFile>($"learn-coach/{locale}.json", FileJson));

    /// <summary>"I want to learn... Spanish" is one sentence; behind the last word dots tell of a cut.</summary>
    [GeneratedRegex(@"(\.{2,}|…)+\s*(?=\S)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hesitation();

    /// <summary>The written sentences of one language, ready for use.</summary>
    private sealed class Sentences(LearnFile file)
    {
        private readonly List<Regex> _openings = [.. file.Openings.Select(WrittenPattern.Of)];
        private readonly Regex _ends = WrittenPattern.Of(file.Ends);
        private readonly Regex _bored = WrittenPattern.Of(file.Bored);

        public LearnFile File => file;

        public bool IsBored(string text) => _bored.IsMatch(text);

        /// <summary>
        /// "Spanish" of "I want to learn Spanish, I know nothing"; empty when the cut has left too little of it to be named.
        /// </summary>
        public string TopicOf(string text)
        {
            var announced = Hesitation().Replace(Wording.OneLine(text), " ");
            var match = _openings.Select(opening => opening.Match(announced)).FirstOrDefault(match => match.Success);
            var named = match?.Groups["rest"].Value ?? announced;
            if (_ends.Match(named) is { Success: true } end && !NoAnswer.Is(named[..end.Index]))
            {
                // "How do vaccines work?" stays a question; "Can you explain accounting?" has named accounting.
                named = named[..end.Index] + (match is null && end.Value.TrimEnd() is [.., '?' or '？'] ? end.Value.TrimEnd() : "");
            }

            return Quotation.Of(Wording.Shorten(named, LearnRules.TopicLength)) switch
            {
                [.., '…'] and { Length: < ShortestCut } => "",
                var topic => topic,
            };
        }
    }

    /// <summary>The written sentences of one language.</summary>
    private sealed record LearnFile
    {
        /// <summary>
        /// How people announce a topic, "I want to learn", as regular expressions with a group named <c>rest</c>: the topic.
        /// </summary>
        public required IReadOnlyList<string> Openings { get; init; }

        /// <summary>Where the topic ends and its reason or a further sentence begins, as a regular expression.</summary>
        public required string Ends { get; init; }

        /// <summary>"This is boring", as a regular expression.</summary>
        public required string Bored { get; init; }

        /// <summary>The answer to a mere greeting, in at most 50 characters: a longer one would count as a lesson.</summary>
        public required string AskTopic { get; init; }

        /// <summary>How a topic stands in a sentence.</summary>
        public required string Named { get; init; }

        /// <summary>What stands there without one.</summary>
        public required string Unnamed { get; init; }

        public required IReadOnlyList<string> Welcome { get; init; }

        /// <summary>Instead of <see cref="Welcome"/> where the topic is a question.</summary>
        public required IReadOnlyList<string> WelcomeQuestion { get; init; }

        public required IReadOnlyList<string> Heard { get; init; }

        /// <summary>To "I don't know".</summary>
        public required IReadOnlyList<string> Unsure { get; init; }

        /// <summary>To "ok".</summary>
        public required IReadOnlyList<string> Ready { get; init; }

        /// <summary>To a question.</summary>
        public required IReadOnlyList<string> Asked { get; init; }

        /// <summary>To <see cref="Bored"/>.</summary>
        public required IReadOnlyList<string> Dull { get; init; }

        /// <summary>By step or tool, in the order of the rounds.</summary>
        public required IReadOnlyDictionary<string, IReadOnlyList<string>> Moves { get; init; }
    }
}
