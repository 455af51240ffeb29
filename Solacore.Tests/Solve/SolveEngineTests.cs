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

    /// <summary>step, status, event → next step, agent, moved, completes; status afterwards; kind of reply.</summary>
    [Theory]
    [InlineData("receive", "active", "text", "clarify empath moved", "active", ReplyKind.Empathy)]
    [InlineData("receive", "active", "action", "clarify empath moved", "active", ReplyKind.Empathy)]
    [InlineData("receive", "active", "nothing", "clarify empath moved", "active", ReplyKind.Empathy)]
    [InlineData("receive", "active", "injection", "receive auditor", "active", ReplyKind.Refusal)]
    [InlineData("receive", "abandoned", "text", "clarify empath moved", "active", ReplyKind.Empathy)]
    [InlineData("receive", "abandoned", "injection", "receive auditor", "active", ReplyKind.Refusal)]
    [InlineData("receive", "completed", "text", "receive empath", "completed", ReplyKind.Closing)]
    [InlineData("clarify", "active", "text", "clarify clarify", "active", ReplyKind.Question)]
    [InlineData("clarify", "active", "clear", "reframe clarify moved", "active", ReplyKind.Question)]
    [InlineData("clarify", "active", "action", "clarify clarify", "active", ReplyKind.Question)]
    [InlineData("clarify", "active", "nothing", "clarify clarify", "active", ReplyKind.Question)]
    [InlineData("clarify", "active", "injection", "clarify auditor", "active", ReplyKind.Refusal)]
    [InlineData("clarify", "abandoned", "clear", "reframe clarify moved", "active", ReplyKind.Question)]
    [InlineData("clarify", "completed", "clear", "clarify clarify", "completed", ReplyKind.Closing)]
    [InlineData("reframe", "active", "text", "options visionary moved", "active", ReplyKind.Reframe)]
    [InlineData("reframe", "active", "action", "options visionary moved", "active", ReplyKind.Reframe)]
    [InlineData("reframe", "active", "nothing", "options visionary moved", "active", ReplyKind.Reframe)]
    [InlineData("reframe", "active", "injection", "reframe auditor", "active", ReplyKind.Refusal)]
    [InlineData("reframe", "abandoned", "text", "options visionary moved", "active", ReplyKind.Reframe)]
    [InlineData("reframe", "completed", "text", "reframe visionary", "completed", ReplyKind.Closing)]
    [InlineData("options", "active", "text", "commit visionary moved", "active", ReplyKind.Options)]
    [InlineData("options", "active", "action", "commit visionary moved", "active", ReplyKind.Options)]
    [InlineData("options", "active", "nothing", "commit visionary moved", "active", ReplyKind.Options)]
    [InlineData("options", "active", "injection", "options auditor", "active", ReplyKind.Refusal)]
    [InlineData("options", "abandoned", "text", "commit visionary moved", "active", ReplyKind.Options)]
    [InlineData("options", "completed", "text", "options visionary", "completed", ReplyKind.Closing)]
    [InlineData("commit", "active", "text", "commit clarify", "active", ReplyKind.AskAction)]
    [InlineData("commit", "active", "nothing", "commit clarify", "active", ReplyKind.AskAction)]
    [InlineData("commit", "active", "action", "commit clarify completes", "completed", ReplyKind.Closing)]
    [InlineData("commit", "active", "injection", "commit auditor", "active", ReplyKind.Refusal)]
    [InlineData("commit", "abandoned", "text", "commit clarify", "active", ReplyKind.AskAction)]
    [InlineData("commit", "abandoned", "action", "commit clarify completes", "completed", ReplyKind.Closing)]
    [InlineData("commit", "completed", "action", "commit clarify", "completed", ReplyKind.Closing)]
    public void every_state_answers_every_event(string step, string status, string what, string expected, string after, ReplyKind kind)
    {
        Assert.True(SolveWire.TryParse(step, out SolveStep from));
        Assert.True(SolveWire.TryParse(status, out SolveStatus statusBefore));
        var text = what switch
        {
            "action" or "injection" => Action,
            "clear" => "no money",
            "nothing" => "",
            _ => NoAction,
        };

        var decision = SolveEngine.Decide(SolveWalk.Input(from, text, what == "clear" ? NearlyClear : Nothing, statusBefore) with
        {
            InjectionRefused = what == "injection",
        });

        Assert.Equal(
            (expected, after, kind, decision.NextStep),
            (SolveWalk.Row(decision), decision.Status.ToWire(), decision.Brief.Kind, decision.ReplyStep));
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
        Assert.True(SolveWire.TryParse(step, out SolveStep from));
        Assert.True(SolveWire.TryParse(status, out SolveStatus statusBefore));

        var decision = PlainEngine.Decide(SolveWalk.Input(from, NoAction, Nothing, statusBefore));

        Assert.Equal((expected, after, from), (SolveWalk.Row(decision), decision.Status.ToWire(), decision.ReplyStep));
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
                    select $"{one.ToWire()} {other.ToWire()}";

        Assert.Equal(["receive clarify", "clarify reframe", "reframe options", "options commit"], moves);
    }

    [Fact]
    public void wire_texts_are_read_back_exactly()
    {
        Assert.All(Enum.GetValues<SolveStep>(), step => Assert.True(SolveWire.TryParse(step.ToWire(), out SolveStep read) && read == step));
        Assert.All(Enum.GetValues<SolveStatus>(), status => Assert.True(SolveWire.TryParse(status.ToWire(), out SolveStatus read) && read == status));
        Assert.All(Enum.GetValues<SolveAgent>(), agent => Assert.True(SolveWire.TryParse(agent.ToWire(), out SolveAgent read) && read == agent));
        Assert.All(Enum.GetValues<ClarifyState>(), state => Assert.True(SolveWire.TryParse(state.ToWire(), out ClarifyState read) && read == state));
        Assert.False(SolveWire.TryParse("Receive", out SolveStep _));
        Assert.False(SolveWire.TryParse(null, out SolveStatus _));
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
    [InlineData("a friend told me to wait", null)]
    [InlineData("none of them", null)]
    public void the_picked_option_is_recognised(string text, int? expected) =>
        Assert.Equal(expected, SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, text)).Brief.ChosenOption);
}
