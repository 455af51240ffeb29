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

    private static readonly FrozenDictionary<string, Sentences> All = ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Read, StringComparer.Ordinal);

    /// <summary>A truncated topic shorter than this (characters) is too vague to quote.</summary>
    private const int ShortestCut = 15;

    /// <summary>A longer topic (characters) is truncated.</summary>
    private const int LongestTopic = 40;

    /// <summary>Builds its patterns. A process does it when it starts, so that the first person who writes does not wait for it.</summary>
    public static void Load()
    {
        NoAnswer.Is("");
        OtherTopic("");
    }

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
        var topic = TopicOf(brief.TopicText ?? (isTopic ? brief.UserText : brief.Topic) ?? "", sentences);
        var said = Quotation.Of(Wording.Concern(brief.UserText));
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["said"] = said,
            ["topic"] = topic.Length == 0 ? file.Unnamed : Placeholders.Fill(file.Named, new Dictionary<string, string>(StringComparer.Ordinal) { ["topic"] = topic }),
        };

        var openings = brief.UserText switch
        {
            "" => file.Welcome,
            var text when OtherTopic(text) is not null => file.Welcome,
            _ when isTopic => topic is [.., '?' or '？'] ? file.WelcomeQuestion : file.Welcome,
            var text when NoAnswer.IsDoubt(text) => file.Unsure,
            _ when saysNothing => file.Ready,
            _ when brief.Topic is null => file.Welcome,
            var text when QuestionBack.Is(text) => file.Asked,
            var text when sentences.IsBored(text) => file.Dull,
            _ => file.Heard,
        };
        var moves = file.Moves[brief.Tool ?? brief.Step.Name()];
        var parts = new List<string> { openings[brief.Round % openings.Count], moves[brief.Round % moves.Count] };
        if (brief.Round >= moves.Count)
        {
            parts.Insert(1, file.Again[(brief.Round - moves.Count) % file.Again.Count]);
        }

        return string.Join(brief.Locale == "zh" ? "" : " ", parts.Select(part => Placeholders.Fill(part, values)));
    }

    /// <summary>"The endgame" of "actually I'd rather learn the endgame", in any of the languages; null when no other topic is asked for.</summary>
    public static string? OtherTopic(string text) => All.Values.Select(sentences => sentences.OtherTopic(text)).FirstOrDefault(topic => topic is not null);

    /// <summary>The topic may have been told in another language than the reply's.</summary>
    private static string TopicOf(string text, Sentences own) =>
        (own.Announces(text) ? own : All.Values.FirstOrDefault(sentences => sentences.Announces(text)) ?? own).TopicOf(text);

    private static Sentences Read(string locale) => new(BuiltInFile.ReadJson<LearnFile>($"learn-coach/{locale}.json", FileJson));

    /// <summary>"I want to learn... Spanish" is one sentence; behind the last word dots tell of a cut.</summary>
    [GeneratedRegex(@"(\.{2,}|…)+\s*(?=\S)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hesitation();

    /// <summary>The written sentences of one language, ready for use.</summary>
    private sealed class Sentences(LearnFile file)
    {
        private readonly WrittenPatterns _openings = new(file.Openings);
        private readonly WrittenPatterns _changes = new(file.Changes);
        private readonly Regex _ends = WrittenPattern.Of(file.Ends);
        private readonly Regex _bored = WrittenPattern.Of(file.Bored);

        public LearnFile File => file;

        public bool IsBored(string text) => _bored.IsMatch(text);

        public bool Announces(string text) => Rest(_openings, text) is not null;

        public string? OtherTopic(string text) => Rest(_changes, text) is { } rest && Named(rest, isAnnounced: true) is { Length: > 0 } topic ? topic : null;

        /// <summary>
        /// "Spanish" of "I want to learn Spanish, I know nothing"; empty when the cut has left too little of it to be named, or
        /// when what was cut does not say that it is a topic.
        /// </summary>
        public string TopicOf(string text)
        {
            var announced = Rest(_openings, text);
            return Named(announced ?? WithoutHesitation(text), announced is not null);
        }

        private string Named(string named, bool isAnnounced)
        {
            if (_ends.Match(named) is { Success: true } end && !NoAnswer.Is(named[..end.Index]))
            {
                // "How do vaccines work?" stays a question; "Can you explain accounting?" has named accounting.
                named = named[..end.Index] + (!isAnnounced && end.Value.TrimEnd() is [.., '?' or '？'] ? end.Value.TrimEnd() : "");
            }

            return Quotation.Of(Wording.Shorten(named, LongestTopic)) switch
            {
                [.., '…'] cut when !isAnnounced || cut.Length < ShortestCut => "",
                var topic => topic,
            };
        }

        private static string? Rest(WrittenPatterns patterns, string text) => patterns.First(WithoutHesitation(text))?.Match.Groups["rest"].Value;

        private static string WithoutHesitation(string text) => Hesitation().Replace(Wording.OneLine(text), " ");
    }

    /// <summary>The written sentences of one language.</summary>
    private sealed record LearnFile
    {
        /// <summary>
        /// How people announce a topic, "I want to learn", as regular expressions with a group named <c>rest</c>: the topic.
        /// </summary>
        public required IReadOnlyList<string> Openings { get; init; }

        /// <summary>How people ask for another topic, "I'd rather learn", in the same way.</summary>
        public required IReadOnlyList<string> Changes { get; init; }

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

        /// <summary>Before a move that was made already, when there is no other.</summary>
        public required IReadOnlyList<string> Again { get; init; }

        /// <summary>By step or tool, in the order of the rounds.</summary>
        public required IReadOnlyDictionary<string, IReadOnlyList<string>> Moves { get; init; }
    }
}
