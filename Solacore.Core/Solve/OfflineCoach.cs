using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>
/// Writes replies from a brief without any model, in the brief's language. The default without a key, and what a person
/// gets when every provider is down. The same brief always gives the same text.
/// </summary>
public static class OfflineCoach
{
    /// <summary>Never empty. A reply that moves into options ends with its three option lines.</summary>
    public static string Write(ReplyBrief brief)
    {
        var coach = new Writer(brief);
        return brief.Kind switch
        {
            ReplyKind.Empathy => coach.Empathy(),
            ReplyKind.Question => coach.Question(),
            ReplyKind.Reframe => coach.Reframe(),
            ReplyKind.Options => coach.Options(),
            ReplyKind.AskAction => coach.AskAction(),
            ReplyKind.Closing => coach.Say("closing"),
            ReplyKind.Refusal => coach.Say("refusal"),
        };
    }

    private sealed class Writer
    {
        private readonly ReplyBrief _brief;
        private readonly CoachPhrases _phrases;
        private readonly Dictionary<string, string> _values;

        private bool SaysNothing => NoAnswer.Is(_brief.UserText);

        private bool AsksWhoIsThere => QuestionBack.AsksWhoIsThere(_brief.UserText);

        /// <summary>"How can I sleep better?" is a goal all the same.</summary>
        private bool AsksBack => QuestionBack.Is(_brief.UserText) && (_brief.Kind == ReplyKind.AskAction || _brief.Heard != Heard.Goal);

        public Writer(ReplyBrief brief)
        {
            _brief = brief;
            _phrases = CoachPhrases.For(brief.Locale);
            _values = _phrases.Values(brief.Concern, brief.Goal, brief.Constraints);
            if (_phrases.Quoted(brief.Action ?? "") is { Length: > 0 } action)
            {
                _values["action"] = action;
            }

            if (brief.ChosenOption is { } chosen)
            {
                _values["choice"] = brief.Options[chosen].Title;
            }
        }

        public string Say(string key) => _phrases.Say(key, _values, _brief.Variation, _brief.Turn);

        public string Empathy()
        {
            if (_values.ContainsKey("concern"))
            {
                return Paragraphs(Sentences(Say("feeling." + FeelingKey()), Say("concern")), Sentences(Say("step_by_step"), Ask(SolveQuestion.Solved)));
            }

            // "Hello" is no concern to take up, nor is "are you a human?"; "😭" tells a feeling all the same.
            var opening = AsksWhoIsThere ? "lead.human" : _brief.Feeling == Feeling.Neutral ? "greeting" : "feeling." + FeelingKey();
            return Paragraphs(Sentences(Say(opening), Say("step_by_step")), Say("ask.open"));
        }

        public string Question() => Paragraphs(Sentences(Lead(), Echo()), Ask(_brief.Question ?? SolveQuestion.Solved));

        public string Reframe() =>
            Paragraphs(Sentences(ReframeLead(), Say("reframe.question")), Say("reframe.options"), OptionsText.Lines(_brief.Options));

        public string Options()
        {
            var weighed = _brief.Options.Select((option, index) => Weighed(option, "ABC"[index]));
            var (lead, question) = Choosing();
            return Paragraphs(Say(lead), string.Join('\n', weighed), Say(question));
        }

        public string AskAction() => Paragraphs(AnswerToQuestion() ?? Say("action.lead"), Ask(SolveQuestion.SmallestAction));

        private string Lead() => AnswerToQuestion() ?? _brief switch
        {
            _ when NoAnswer.IsRefusal(_brief.UserText) => Say("lead.declined"),
            _ when SaysNothing => NoAnswer.IsDoubt(_brief.UserText) ? Say("lead.unsure") : "",
            { Heard: Heard.TooMuch } => SayTooMuch(),
            { Heard: Heard.Concern } => Say("feeling." + FeelingKey()),
            { Feeling: Feeling.Anxious or Feeling.Sad } => Say("lead.warm"),
            _ => Say("lead.plain"),
        };

        private string? AnswerToQuestion() => AsksWhoIsThere ? Say("lead.human") : AsksBack ? Say("lead.question") : null;

        private string SayTooMuch()
        {
            _values["said"] = _phrases.Quoted(Wording.Concern(_brief.UserText));
            return Say("lead.too_much");
        }

        private string Echo() => SaysNothing || AsksBack || AsksWhoIsThere ? "" : _brief.Heard switch
        {
            Heard.Goal => Say("echo.goal"),
            Heard.Constraints => Say("echo.constraints"),
            Heard.Concern => Say("concern"),
            Heard.Nothing or Heard.TooMuch => "",
        };

        private string ReframeLead()
        {
            if (AnswerToQuestion() is { } answer)
            {
                return answer;
            }

            foreach (var (name, id) in _brief.Suspected.Zip(["first", "second"], (id, name) => (name, id)))
            {
                _values[name] = Say("suspect." + id);
            }

            return Say(_brief.Suspected.Count switch
            {
                0 => NoAnswer.IsDoubt(_brief.UserText) ? "lead.unsure" : "reframe.lead",
                1 => "reframe.lead.one",
                _ => "reframe.lead.both",
            });
        }

        /// <summary>How the three options are introduced, and which question follows them.</summary>
        private (string Lead, string Question) Choosing()
        {
            if (OptionChoice.Two(_brief.UserText, _brief.Options) is [var first, var second])
            {
                (_values["choice"], _values["choice2"]) = (_brief.Options[first].Title, _brief.Options[second].Title);
                return ("options.lead.two", "options.question");
            }

            if (_brief.ChosenOption is not null)
            {
                return ("options.lead", "options.question");
            }

            if (AsksWhoIsThere || AsksBack)
            {
                return (AsksWhoIsThere ? "lead.human" : "lead.question", "options.question");
            }

            if (OptionChoice.IsNone(_brief.UserText))
            {
                return ("options.lead.none", "options.question.none");
            }

            if (!SaysNothing && _phrases.IsPlan(_brief.UserText) && StatedAction.In(_brief.UserText) is { } action)
            {
                _values["action"] = _phrases.Quoted(action);
                return ("options.lead.action", "options.question.action");
            }

            return ("options.lead", "options.question");
        }

        private string Ask(SolveQuestion question)
        {
            if (question == SolveQuestion.Hypotheses && _brief.Hypotheses.Count == 2)
            {
                _values["first"] = Say("suspect." + _brief.Hypotheses[0].Id);
                _values["second"] = Say("suspect." + _brief.Hypotheses[1].Id);
            }

            return Say(question switch
            {
                SolveQuestion.Solved => "ask.solved",
                SolveQuestion.Constraints => "ask.constraints",
                SolveQuestion.Attempts => "ask.attempts",
                SolveQuestion.Hypotheses => "ask.hypotheses",
                SolveQuestion.SmallestAction => "ask.smallest_action",
            });
        }

        private string FeelingKey() => _brief.Feeling switch
        {
            Feeling.Anxious => "anxious",
            Feeling.Sad => "sad",
            Feeling.Confused => "confused",
            Feeling.Neutral => "neutral",
        };

        private string Weighed(SolveOption option, char letter)
        {
            if (option is not { Pros.Count: > 0, Cons.Count: > 0 })
            {
                return $"{letter}) {OptionsText.Text(option)}";
            }

            (_values["letter"], _values["title"]) = (letter.ToString(), option.Title);
            (_values["pro"], _values["con"]) = (option.Pros[0], option.Cons[0]);
            return Say("options.line");
        }

        private string Sentences(params ReadOnlySpan<string> sentences) => Join(_brief.Locale == "zh" ? "" : " ", sentences);

        private static string Paragraphs(params ReadOnlySpan<string> paragraphs) => Join("\n\n", paragraphs);

        private static string Join(string between, ReadOnlySpan<string> parts) =>
            string.Join(between, parts.ToArray().Where(part => part.Length > 0));
    }
}
