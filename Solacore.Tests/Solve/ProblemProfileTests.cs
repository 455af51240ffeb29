using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

public sealed class ProblemProfileTests
{
    private static readonly string EmptyJson = ProblemProfile.Empty(SolveWalk.SessionId, SolveWalk.UserId).ToJson();

    [Fact]
    public void the_empty_document_has_the_members_of_the_contract() => Assert.Equal(
        """
        {"session_id":"0197a3f2-6c1e-7b52-9a3d-2f1c5e7d9b01","user_id":"0197a3f2-6c1e-7b52-9a3d-2f1c5e7d9b02",
        "meta":{"schema_version":"v1","mode":"solve","last_updated_at":null,"clarify_state":"INIT","clarify_turn_index":0},
        "domain":"other","core_concern_summary":null,"user_goal":null,"success_criteria":[],"constraints":[],"attempts":[],
        "options":[],"emotion":null,"hypotheses":[],"info_gaps":[],"last_questions":[],"agent_runs":[]}
        """.Replace("\n", "", StringComparison.Ordinal),
        EmptyJson);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"meta":{"schema_version":"v2"}}""")]
    [InlineData("""{"meta":{"clarify_state":"SOMEWHERE"}}""")]
    [InlineData("""{"meta":{"clarify_state":7}}""")]
    [InlineData("""{"meta":null}""")]
    [InlineData("""{"constraints":null}""")]
    [InlineData("""{"constraints":[null]}""")]
    [InlineData("""{"agent_runs":[{"agent":"nobody"}]}""")]
    [InlineData("""{"options":[{"title":"a","description":"b","pros":[null],"cons":[]}]}""")]
    public void an_unreadable_document_is_replaced_by_an_empty_one(string? json) =>
        Assert.Equal(EmptyJson, ProblemProfile.Parse(json, SolveWalk.SessionId, SolveWalk.UserId).ToJson());

    [Fact]
    public void a_document_survives_writing_and_reading()
    {
        var walk = new SolveWalk();
        walk.Say("I feel worried", "anxious", 0.8);
        walk.Say("quiet nights");
        var json = walk.Say("noise, no money").Profile.ToJson();

        Assert.Equal(json, ProblemProfile.Parse(json, SolveWalk.SessionId, SolveWalk.UserId).ToJson());
        Assert.Contains("\"intensity_1_5\":3", json, StringComparison.Ordinal);
    }

    [Fact]
    public void ids_come_from_the_row_and_a_wild_turn_index_is_tamed()
    {
        var json = """{"session_id":"00000000-0000-0000-0000-000000000000","user_goal":"rest","meta":{"clarify_turn_index":99},"unknown":1}""";

        var profile = ProblemProfile.Parse(json, SolveWalk.SessionId, SolveWalk.UserId);

        Assert.Equal(
            (SolveWalk.SessionId, SolveWalk.UserId, "rest", 10),
            (profile.SessionId, profile.UserId, profile.UserGoal, profile.Meta.ClarifyTurnIndex));
    }

    [Fact]
    public void runs_and_questions_are_capped()
    {
        var walk = new SolveWalk();
        foreach (var number in Enumerable.Range(0, 70))
        {
            walk.Say(number < 5 ? "quiet nights" : "I don't know");
        }

        Assert.Equal((SolveStep.Commit, 50, 20), (walk.Step, walk.Profile.AgentRuns.Count, walk.Profile.LastQuestions.Count));
    }

    [Fact]
    public void the_last_run_is_measured_afterwards()
    {
        var walk = new SolveWalk();
        walk.Say("one");
        walk.Say("two");

        Assert.Equal(
            [(0, 0), (1200, 345)],
            walk.Profile.WithLastRunMeasured(1200, 345).AgentRuns.Select(run => (run.LatencyMs, run.TokenUsage)));
    }
}
