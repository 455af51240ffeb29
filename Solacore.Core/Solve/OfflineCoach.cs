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

        private bool IsUnsure => NoAnswer.Is(_brief.UserText);

        public Writer(ReplyBrief brief)
        {
            _brief = brief;
            _phrases = CoachPhrases.For(brief.Locale);
            _values = _phrases.Values(brief.Concern, brief.Goal, brief.Constraints);
            if (CoachPhrases.Quotable(brief.Action) is { Length: > 0 } action)
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
            // "Hello" is no concern to take up.
            return _values.ContainsKey("concern")
                ? Paragraphs(Sentences(Say("feeling." + FeelingKey()), Say("concern")), Sentences(Say("step_by_step"), Ask(SolveQuestion.Solved)))
                : Paragraphs(Sentences(Say("greeting"), Say("step_by_step")), Say("ask.open"));
        }

        public string Question() => Paragraphs(Sentences(Lead(), Echo()), Ask(_brief.Question ?? SolveQuestion.Solved));

        public string Reframe() =>
            Paragraphs(Sentences(Say("reframe.lead"), Say("reframe.question")), Say("reframe.options"), OptionsText.Lines(_brief.Options));

        public string Options()
        {
            var weighed = _brief.Options.Select((option, index) => Weighed(option, "ABC"[index]));
            return Paragraphs(Say("options.lead"), string.Join('\n', weighed), Say("options.question"));
        }

        public string AskAction() => Paragraphs(Say("action.lead"), Ask(SolveQuestion.SmallestAction));

        private string Lead() => Say(IsUnsure ? "lead.unsure" : _brief.Feeling is Feeling.Anxious or Feeling.Sad ? "lead.warm" : "lead.plain");

        private string Echo() => IsUnsure ? "" : _brief.Heard switch
        {
            Heard.Goal => Say("echo.goal"),
            Heard.Constraints => Say("echo.constraints"),
            Heard.Nothing => "",
        };

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
            _values["letter"] = letter.ToString();
            _values["title"] = option.Title;
            if (option is { Pros.Count: > 0, Cons.Count: > 0 })
            {
                _values["pro"] = option.Pros[0];
                _values["con"] = option.Cons[0];
            }
            else
            {
                _values.Remove("pro");
                _values.Remove("con");
                _values["description"] = option.Description;
            }

            return Say("options.line");
        }

        private string Sentences(params ReadOnlySpan<string> sentences) => Join(_brief.Locale == "zh" ? "" : " ", sentences);

        private static string Paragraphs(params ReadOnlySpan<string> paragraphs) => Join("\n\n", paragraphs);

        private static string Join(string between, ReadOnlySpan<string> parts) =>
            string.Join(between, parts.ToArray().Where(part => part.Length > 0));
    }
}
