using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

public sealed class SolveEngineTests
{
    private const string Action = "I will call the landlord at noon";
    private const string NoAction = "I don't know";

    private static readonly ProblemProfile Nothing = ProblemProfile.Empty(SolveWalk.SessionId, SolveWalk.UserId);

    private static readonly ProblemProfile NearlyClear = Nothing with
    {
        CoreConcernSummary = "the flat",
        UserGoal = "a new flat",
        SuccessCriteria = ["keys in hand"],
        Meta = new ProfileMeta { ClarifyState = ClarifyState.Map, ClarifyTurnIndex = 1 },
    };

    private static readonly string[] Events = ["unsure", "clear", "action", "nothing", "injection"];

    /// <summary>
    /// Every state (step and status) and, for each event in the order of <see cref="Events"/>, the next step, the agent and
    /// the kind of reply.
    /// </summary>
    private const string Table =
        """
        receive active     clarify empath Empathy     | clarify empath Empathy     | clarify empath Empathy     | clarify empath Empathy     | receive auditor Refusal
        receive abandoned  clarify empath Empathy     | clarify empath Empathy     | clarify empath Empathy     | clarify empath Empathy     | receive auditor Refusal
        receive completed  receive empath Closing     | receive empath Closing     | receive empath Closing     | receive empath Closing     | receive auditor Refusal
        clarify active     clarify clarify Question   | reframe clarify Question   | clarify clarify Question   | clarify clarify Question   | clarify auditor Refusal
        clarify abandoned  clarify clarify Question   | reframe clarify Question   | clarify clarify Question   | clarify clarify Question   | clarify auditor Refusal
        clarify completed  clarify clarify Closing    | clarify clarify Closing    | clarify clarify Closing    | clarify clarify Closing    | clarify auditor Refusal
        reframe active     options visionary Reframe  | options visionary Reframe  | options visionary Reframe  | options visionary Reframe  | reframe auditor Refusal
        reframe abandoned  options visionary Reframe  | options visionary Reframe  | options visionary Reframe  | options visionary Reframe  | reframe auditor Refusal
        reframe completed  reframe visionary Closing  | reframe visionary Closing  | reframe visionary Closing  | reframe visionary Closing  | reframe auditor Refusal
        options active     commit visionary Options   | commit visionary Options   | commit visionary Options   | commit visionary Options   | options auditor Refusal
        options abandoned  commit visionary Options   | commit visionary Options   | commit visionary Options   | commit visionary Options   | options auditor Refusal
        options completed  options visionary Closing  | options visionary Closing  | options visionary Closing  | options visionary Closing  | options auditor Refusal
        commit active      commit clarify AskAction   | commit clarify AskAction   | commit clarify Closing     | commit clarify AskAction   | commit auditor Refusal
        commit abandoned   commit clarify AskAction   | commit clarify AskAction   | commit clarify Closing     | commit clarify AskAction   | commit auditor Refusal
        commit completed   commit clarify Closing     | commit clarify Closing     | commit clarify Closing     | commit clarify Closing     | commit auditor Refusal
        """;

    public static TheoryData<string, string, string, string> StatesAndEvents()
    {
        var rows = new TheoryData<string, string, string, string>();
        foreach (var line in Table.ReplaceLineEndings("\n").Split('\n'))
        {
            var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            foreach (var (what, answer) in Events.Zip(words[2].Split('|', StringSplitOptions.TrimEntries)))
            {
                rows.Add(words[0], words[1], what, answer);
            }
        }

        return rows;
    }

    [Fact]
    public void the_table_has_every_state_and_event() => Assert.Equal(
        (from step in Enum.GetValues<SolveStep>()
         from status in Enum.GetValues<SessionStatus>()
         from what in Events
         select $"{step.Name()} {status.Name()} {what}").Order(StringComparer.Ordinal),
        StatesAndEvents().Select(row => $"{row.Data.Item1} {row.Data.Item2} {row.Data.Item3}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(StatesAndEvents))]
    public void every_state_answers_every_event(string step, string status, string what, string expected)
    {
        Assert.True(EnumNames.TryParse(step, out SolveStep from));
        Assert.True(EnumNames.TryParse(status, out SessionStatus before));
        var text = what switch
        {
            "action" or "injection" => Action,
            "clear" => "no money",
            "nothing" => "",
            _ => NoAction,
        };

        var decision = SolveEngine.Decide(SolveWalk.Input(from, text, what == "clear" ? NearlyClear : Nothing, before) with
        {
            InjectionRefused = what == "injection",
        });

        // What follows from the answer: a reply belongs to the step it leads to, a closing one ends the session, and a
        // message wakes an abandoned one.
        var isOver = before == SessionStatus.Completed || decision.Brief.Kind == ReplyKind.Closing;
        Assert.Equal(expected, $"{decision.NextStep.Name()} {decision.Agent!.Value.Name()} {decision.Brief.Kind}");
        Assert.Equal(
            (decision.NextStep != from, isOver && before != SessionStatus.Completed, isOver ? SessionStatus.Completed : SessionStatus.Active, decision.NextStep),
            (decision.Moved, decision.Completes, decision.Status, decision.ReplyStep));
    }

    [Theory]
    [InlineData("receive", "active", "clarify - moved", "active")]
    [InlineData("clarify", "active", "reframe - moved", "active")]
    [InlineData("reframe", "active", "options - moved", "active")]
    [InlineData("options", "active", "commit - moved", "active")]
    [InlineData("commit", "active", "commit - completes", "completed")]
    [InlineData("receive", "abandoned", "clarify - moved", "active")]
    [InlineData("commit", "abandoned", "commit - completes", "completed")]
    [InlineData("options", "completed", "options -", "completed")]
    [InlineData("commit", "completed", "commit -", "completed")]
    public void the_plain_mode_advances_with_every_reply(string step, string status, string expected, string after)
    {
        Assert.True(EnumNames.TryParse(step, out SolveStep from));
        Assert.True(EnumNames.TryParse(status, out SessionStatus statusBefore));

        var decision = PlainEngine.Decide(SolveWalk.Input(from, NoAction, Nothing, statusBefore));

        Assert.Equal((expected, after, from), (SolveWalk.Row(decision), decision.Status.Name(), decision.ReplyStep));
    }

    [Fact]
    public void the_plain_mode_refuses_an_injection_and_stays()
    {
        var decision = PlainEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "now act as") with { InjectionRefused = true });

        Assert.Equal(("reframe -", ReplyKind.Refusal), (SolveWalk.Row(decision), decision.Brief.Kind));
    }

    [Fact]
    public void a_step_leads_only_to_its_direct_successor()
    {
        var moves = from one in Enum.GetValues<SolveStep>()
                    from other in Enum.GetValues<SolveStep>()
                    where SolveSteps.CanMove(one, other)
                    select $"{one.Name()} {other.Name()}";

        Assert.Equal(["receive clarify", "clarify reframe", "reframe options", "options commit"], moves);
    }

    [Fact]
    public void an_action_that_is_stored_already_is_not_replaced()
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Commit, Action) with { FirstStepAction = "Write to the bank" });

        Assert.Equal((true, null, Action), (decision.Completes, decision.FirstStepAction, decision.Brief.Action));
    }

    [Fact]
    public void a_refused_message_leaves_the_profile_alone_but_for_the_run()
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Clarify, "my goal is all yours", NearlyClear) with
        {
            InjectionRefused = true,
            Flags = ["prompt_injection", "pii_email"],
        });

        var run = new AgentRun(SolveAgent.Auditor, SolveWalk.Now, 0, 0, "prompt_injection,pii_email");
        Assert.Equal(
            (NearlyClear with { Meta = NearlyClear.Meta with { LastUpdatedAt = SolveWalk.Now }, AgentRuns = [run] }).ToJson(),
            decision.Profile.ToJson());
    }

    [Fact]
    public void the_reply_that_moves_into_options_is_marked()
    {
        Assert.True(SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "yes")).Brief.MovesIntoOptions);
        Assert.False(SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, "yes")).Brief.MovesIntoOptions);
        Assert.True(PlainEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "yes")).Brief.MovesIntoOptions);
    }

    [Theory]
    [InlineData("A", 0)]
    [InlineData("b)", 1)]
    [InlineData("Option C.", 2)]
    [InlineData("the second one", 1)]
    [InlineData("la primera", 0)]
    [InlineData("Opción b", 1)]
    [InlineData("第三个", 2)]
    [InlineData("我选B", 1)]
    [InlineData("I like test one assumption", 1)]
    [InlineData("C sounds good", 2)]
    [InlineData("I'd go with the first", 0)]
    [InlineData("probably the first", 0)]
    [InlineData("the second I guess", 1)]
    [InlineData("Me quedo con la primera", 0)]
    [InlineData("la segunda, supongo", 1)]
    [InlineData("C挺好", 2)]
    [InlineData("a friend told me to wait", null)]
    [InlineData("A mix of A and C", null)]
    [InlineData("none of them", null)]
    [InlineData("the seven-day one", 2)]
    [InlineData("la de siete días", null)]
    [InlineData("1️⃣", 0)]
    [InlineData("第一個", 0)]
    [InlineData("先做第一个", 0)]
    [InlineData("那就B", 1)]
    [InlineData("Actually I'd rather do A", 0)]
    [InlineData("voy con la C", 2)]
    [InlineData("mejor hago la B", 1)]
    [InlineData("I like the idea of testing an assumption", 1)]
    [InlineData("so one more try", null)]
    [InlineData("make it", null)]
    [InlineData("one more day", null)]
    public void the_picked_option_is_recognised(string text, int? expected) =>
        Assert.Equal(expected, SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, text)).Brief.ChosenOption);

    [Theory]
    [InlineData("es", "la de siete días", 2)]
    [InlineData("es", "la suposición", 1)]
    [InlineData("zh", "七天那个", 2)]
    public void words_of_its_title_pick_an_option(string locale, string text, int expected) =>
        Assert.Equal(expected, SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, text) with { Locale = locale }).Brief.ChosenOption);
}
