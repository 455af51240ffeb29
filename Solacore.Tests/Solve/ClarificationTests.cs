using Solacore.Core;
using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

/// <summary>Step clarify: contract/domain.md 5.3.</summary>
public sealed class ClarificationTests
{
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("everything", 13));

    [Fact]
    public void a_typical_person_leaves_clarify_after_two_messages()
    {
        var walk = new SolveWalk();
        walk.Say("My boss does not listen");
        walk.Say("I want one calm talk with her");

        Assert.Equal(SolveStep.Reframe, walk.Say("She is always busy, I get nervous").NextStep);
    }

    [Theory]
    [InlineData("")]
    [InlineData("；；；")]
    [InlineData("everything everything everything everything everything everything everything everything everything everything everything everything everything")]
    public void everybody_leaves_clarify_after_five_messages(string text)
    {
        var walk = new SolveWalk();
        walk.Say(text);

        Assert.Equal(
            ["clarify", "clarify", "clarify", "clarify", "reframe"],
            Enumerable.Range(0, 5).Select(_ => walk.Say(text).NextStep.Name()));
        Assert.Equal(SolveQuestion.SmallestAction, AskedLast(walk));
    }

    [Fact]
    public void a_goal_over_120_characters_is_asked_for_again_in_other_words()
    {
        var walk = new SolveWalk();
        walk.Say("hello");

        var first = walk.Say(Long);
        var second = walk.Say(Long);

        Assert.Equal((null, SolveQuestion.Solved), (first.Profile.UserGoal, first.Brief.Question));
        Assert.Equal((null, SolveQuestion.Solved), (second.Profile.UserGoal, second.Brief.Question));
        Assert.NotEqual(OfflineCoach.Write(first.Brief), OfflineCoach.Write(second.Brief));
        Assert.Equal(["goal", "constraints", "attempts"], second.Profile.InfoGaps.Select(gap => gap.Key));
    }

    [Fact]
    public void criteria_are_the_first_five_pieces_of_the_goal()
    {
        var walk = new SolveWalk("zh");
        walk.Say("hello");

        var decision = walk.Say("一。二；三; four\nfive\n six");

        Assert.Equal(["一", "二", "三", "four", "five"], decision.Profile.SuccessCriteria);
        Assert.Equal("一。二；三; four five six", decision.Profile.UserGoal);
        Assert.Equal(ClarifyState.Map, decision.Profile.Meta.ClarifyState);
    }

    [Fact]
    public void constraints_over_sixty_characters_are_dropped_and_asked_for_again()
    {
        var walk = new SolveWalk();
        walk.Say("hello");
        walk.Say("a calm week");

        var decision = walk.Say(Long);

        Assert.Equal(("clarify clarify", SolveQuestion.Constraints), (SolveWalk.Row(decision), decision.Brief.Question));
        Assert.Equal(["no money", "no time"], walk.Say($"no money，no time, {Long}").Profile.Constraints);
    }

    [Theory]
    [InlineData("anxious", "a deadline", 0.48, 0.48)]
    [InlineData("sad", "rent", 0.33, 0.48)]
    [InlineData("confused", "明天交付", 0.48, 0.48)]
    [InlineData("calm", "月底", 0.48, 0.33)]
    [InlineData("neutral", "rent", 0.33, 0.33)]
    public void hypotheses_are_raised_by_feeling_and_deadline(string emotion, string concern, double constraint, double load)
    {
        var walk = new SolveWalk();
        walk.Say(concern, emotion, 0.9);

        Assert.Equal([0.34, constraint, load], walk.Say("a calm week").Profile.Hypotheses.Select(one => one.Confidence));
    }

    [Theory]
    [InlineData(0.85, 4)]
    [InlineData(0.84, 3)]
    [InlineData(0.65, 3)]
    [InlineData(0.64, 2)]
    public void intensity_follows_from_confidence(double confidence, int expected) =>
        Assert.Equal(new ProfileEmotion("sad", confidence, expected), new SolveWalk().Say("rent", "sad", confidence).Profile.Emotion);

    [Fact]
    public void the_concern_is_cut_after_57_characters()
    {
        var sixty = new string('x', 60);
        Assert.Equal(sixty, new SolveWalk().Say(sixty).Profile.CoreConcernSummary);
        Assert.Equal(new string('难', 57) + "...", new SolveWalk().Say(new string('难', 61)).Profile.CoreConcernSummary);
        Assert.Equal("a b", new SolveWalk().Say(" a \n\t b ").Profile.CoreConcernSummary);
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 57)) + "...", new SolveWalk().Say(string.Concat(Enumerable.Repeat("😀", 61))).Profile.CoreConcernSummary);
    }

    [Fact]
    public void a_models_reading_takes_the_place_of_the_extraction()
    {
        var walk = new SolveWalk();
        walk.Say("hello");

        var first = walk.Say("Well, it's about Friday, honestly", reading: new ProfileUpdate { Goal = "finish the report", Constraints = ["two days"] });
        var second = walk.Say("I tried to skip meetings, once", reading: new ProfileUpdate { Attempts = ["skipped meetings"] });

        Assert.Equal("finish the report", first.Profile.UserGoal);
        Assert.Equal(["two days"], first.Profile.Constraints);
        Assert.Equal(["attempts"], first.Profile.InfoGaps.Select(gap => gap.Key));
        Assert.Equal(SolveQuestion.Constraints, first.Brief.Question);
        Assert.Equal(["skipped meetings"], second.Profile.Attempts);
        Assert.Equal(["two days", "I tried to skip meetings", "once"], second.Profile.Constraints);
        Assert.Equal(SolveStep.Reframe, second.NextStep);
    }

    [Fact]
    public void a_models_reading_does_not_bring_back_what_the_person_took_back()
    {
        var walk = new SolveWalk();
        walk.Say("I want to quit smoking");
        walk.Say("no cigarettes for a week");

        walk.Say("It's not about smoking. I want to sleep.", reading: new ProfileUpdate { Goal = "sleep through" });

        Assert.Equal(("I want to sleep.", "sleep through"), (walk.Profile.CoreConcernSummary, walk.Profile.UserGoal));
    }

    [Fact]
    public void an_empty_reading_falls_back_to_the_extraction()
    {
        var walk = new SolveWalk();
        walk.Say("hello", reading: new ProfileUpdate());
        walk.Say("a calm week", reading: new ProfileUpdate { Goal = " " });

        Assert.Equal("a calm week", walk.Profile.UserGoal);
        Assert.Equal(SolveStep.Reframe, walk.Say("no time", reading: new ProfileUpdate()).NextStep);
    }

    [Fact]
    public void the_first_message_tells_no_goal_because_the_reply_asks_for_it()
    {
        var walk = new SolveWalk();

        walk.Say("work", reading: new ProfileUpdate { Goal = "guessed", SuccessCriteria = ["guessed"], Constraints = ["no time"] });
        Assert.Equal((null, 0, "no time"), (walk.Profile.UserGoal, walk.Profile.SuccessCriteria.Count, walk.Profile.Constraints.Single()));

        walk.Say("a calm week");
        Assert.Equal("a calm week", walk.Profile.UserGoal);
    }

    [Fact]
    public void a_models_three_options_are_used_in_both_replies()
    {
        SolveOption[] own = [.. "123".Select(digit => new SolveOption($"Way {digit}", $"Do {digit}", ["quick"], ["small"]))];
        var clarify = SolveEngine.Decide(SolveWalk.Input(SolveStep.Clarify, "a calm week"));
        var read = clarify.Profile.WithReading(ProblemProfile.Empty(SolveWalk.SessionId, SolveWalk.UserId), SolveStep.Clarify, new ProfileUpdate { Options = own });
        var reframe = SolveEngine.Decide(SolveWalk.Input(SolveStep.Reframe, "go on", read));
        var options = SolveEngine.Decide(SolveWalk.Input(SolveStep.Options, "B", reframe.Profile));

        Assert.Equal("A) Way 1: Do 1\nB) Way 2: Do 2\nC) Way 3: Do 3", OptionsText.Lines(reframe.Brief.Options));
        Assert.Equal(["Way 1", "Way 2", "Way 3"], options.Brief.Options.Select(option => option.Title));
        Assert.Equal(1, options.Brief.ChosenOption);
    }

    [Fact]
    public void a_reading_is_kept_inside_its_limits()
    {
        var update = new ProfileUpdate
        {
            Goal = new string('g', 121),
            SuccessCriteria = ["one\nline", " ", "one line", new string('x', 121)],
            Constraints = [.. Enumerable.Range(0, 9).Select(number => $"c{number}")],
            Options = [new SolveOption("A", "a", [], []), new SolveOption("B", "", [], []), new SolveOption("C", "c", [], [])],
        }.Validate();

        Assert.Null(update.Goal);
        Assert.Equal(["one line"], update.SuccessCriteria!);
        Assert.Equal(["c0", "c1", "c2", "c3", "c4"], update.Constraints!);
        Assert.Empty(update.Attempts!);
        Assert.Empty(update.Options!);
    }

    [Theory]
    [InlineData("Rest", "Walk", 3)]
    [InlineData("Rest", "rest", 0)]
    public void three_options_are_three_different_ones(string second, string third, int kept) => Assert.Equal(
        kept,
        new ProfileUpdate { Options = [new SolveOption("Call", "a", [], []), new SolveOption(second, "b", [], []), new SolveOption(third, "c", [], [])] }
            .Validate().Options!.Count);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sorry, no")]
    [InlineData("[]")]
    [InlineData("""{"goal": 5}""")]
    public void an_answer_that_is_no_reading_is_none(string? json) => Assert.Null(ProfileUpdate.Parse(json));

    [Fact]
    public void an_answer_is_read_by_its_wire_names()
    {
        var update = ProfileUpdate.Parse("""
            {"goal":"sleep","success_criteria":["7 hours"],"options":[
            {"title":"a","description":"b","pros":["c"],"cons":null},{"title":"b","description":"b"},{"title":"c","description":"b"}],"extra":1}
            """);

        Assert.Equal(("sleep", "7 hours", 3), (update?.Goal, update?.SuccessCriteria![0], update?.Options!.Count));
    }

    private static SolveQuestion? AskedLast(SolveWalk walk) =>
        walk.Profile.LastQuestions[^1] == "smallest_action" ? SolveQuestion.SmallestAction : null;
}
