using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

/// <summary>The walk of contract/domain.md 19 in three languages, with the offline coach's whole replies.</summary>
public sealed class GoldenWalkTests
{
    public static readonly TheoryData<string, string[]> Walks = new()
    {
        {
            "en",
            [
                "I feel worried about a deadline",
                "I want the report finished by Friday",
                "Only two days; small team",
                "More that the time is short",
                "B",
                "I will write the first paragraph after lunch",
            ]
        },
        {
            "es",
            [
                "Estoy preocupada por un plazo",
                "Quiero terminar el informe antes del viernes",
                "Solo dos días; un equipo pequeño",
                "Más bien que falta tiempo",
                "la segunda",
                "Voy a escribir el primer párrafo después de comer",
            ]
        },
        {
            "zh",
            [
                "我很担心截止日期",
                "我想在周五之前写完报告",
                "只有两天；团队很小",
                "更像是时间不够",
                "第二个",
                "我吃完午饭先写第一段",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Walks))]
    public void the_walk_takes_the_golden_steps_and_agents(string locale, string[] messages)
    {
        var walk = new SolveWalk(locale);

        var rows = messages.Select((message, index) => SolveWalk.Row(index == 0 ? walk.Say(message, "anxious", 0.8) : walk.Say(message)));

        Assert.Equal(
            [
                "clarify empath moved",
                "clarify clarify",
                "reframe clarify moved",
                "options visionary moved",
                "commit visionary moved",
                "commit clarify completes",
            ],
            rows);
        Assert.Equal(SessionStatus.Completed, walk.Status);
        Assert.Equal(messages[^1], walk.FirstStepAction);
    }

    [Theory]
    [MemberData(nameof(Walks))]
    public void the_coach_uses_what_the_person_said_and_asks_one_thing_at_a_time(string locale, string[] messages)
    {
        var walk = new SolveWalk(locale);
        var replies = messages.Select((message, index) => index == 0 ? walk.Say(message, "anxious", 0.8) : walk.Say(message))
            .Select(decision => OfflineCoach.Write(decision.Brief))
            .ToList();

        Assert.Equal([1, 1, 1, 1, 1, 0], replies.Select(QuestionMarks));
        Assert.Contains(messages[0], replies[0], StringComparison.Ordinal);
        Assert.Contains(messages[1], replies[1], StringComparison.Ordinal);
        Assert.All(Pieces(messages[2]), piece => Assert.Contains(piece, replies[2], StringComparison.Ordinal));
        Assert.Contains(messages[0], replies[3], StringComparison.Ordinal);
        Assert.Contains(Pieces(messages[2])[0], replies[3], StringComparison.Ordinal);
        Assert.True(OptionsText.IsWellFormed(replies[3]));
        Assert.DoesNotContain('{', string.Concat(replies));
        Assert.Contains(messages[5], replies[5], StringComparison.Ordinal);
    }

    [Fact]
    public void the_english_walk_reads_like_this()
    {
        var walk = new SolveWalk();

        walk.Say("I feel worried about a deadline", "anxious", 0.8);
        walk.Say("I want the report finished by Friday");
        walk.Say("Only two days; small team");
        var reply = OfflineCoach.Write(walk.Say("More that the time is short").Brief);

        Assert.Contains("get the report finished by Friday", reply, StringComparison.Ordinal);
    }

    [Fact]
    public void the_profile_after_the_walk_holds_what_was_said()
    {
        var walk = new SolveWalk();
        walk.Say("I feel worried about a deadline", "anxious", 0.8);
        walk.Say("I want the report finished by Friday");
        walk.Say("Only two days; small team");

        Assert.Equal("I feel worried about a deadline", walk.Profile.CoreConcernSummary);
        Assert.Equal(new ProfileEmotion("anxious", 0.8, 3), walk.Profile.Emotion);
        Assert.Equal("I want the report finished by Friday", walk.Profile.UserGoal);
        Assert.Equal(["I want the report finished by Friday"], walk.Profile.SuccessCriteria);
        Assert.Equal(["Only two days", "small team"], walk.Profile.Constraints);
        Assert.Equal(["Only two days", "small team"], walk.Profile.Attempts);
        Assert.Equal(ClarifyState.Diagnose, walk.Profile.Meta.ClarifyState);
        Assert.Equal(2, walk.Profile.Meta.ClarifyTurnIndex);
        Assert.Equal(["solved", "constraints", "hypotheses"], walk.Profile.LastQuestions);
        Assert.Equal(
            [("goal_unclear", 0.34), ("hard_constraint", 0.48), ("emotional_load", 0.48)],
            walk.Profile.Hypotheses.Select(one => (one.Id, one.Confidence)));
        Assert.Empty(walk.Profile.InfoGaps);
        Assert.Equal(
            [SolveAgent.Empath, SolveAgent.Clarify, SolveAgent.Clarify],
            walk.Profile.AgentRuns.Select(run => run.Agent!.Value));
    }

    [Fact]
    public void in_plain_mode_each_reply_advances_one_step_and_commit_completes()
    {
        var walk = new SolveWalk(decide: PlainEngine.Decide);

        var decisions = Enumerable.Range(0, 5).Select(_ => walk.Say("hello")).ToList();

        Assert.Equal(
            ["clarify - moved", "reframe - moved", "options - moved", "commit - moved", "commit - completes"],
            decisions.Select(SolveWalk.Row));
        Assert.Equal(
            [SolveStep.Receive, SolveStep.Clarify, SolveStep.Reframe, SolveStep.Options, SolveStep.Commit],
            decisions.Select(decision => decision.ReplyStep));
        Assert.Null(decisions[^1].FirstStepAction);
    }

    private static int QuestionMarks(string reply) => reply.Count(letter => letter is '?' or '？');

    private static string[] Pieces(string message) => message.Split([';', '；'], StringSplitOptions.TrimEntries);
}
