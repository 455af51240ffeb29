using Solacore.Core.Solve;

namespace Solacore.Tests.Solve;

/// <summary>The cards of the mobile client: contract/http-api.md 22.1.</summary>
public sealed class OptionsTextTests
{
    private static readonly ReplyBrief IntoOptions = new()
    {
        Kind = ReplyKind.Reframe,
        Locale = "en",
        UserText = "go on",
        Options = [.. "123".Select(digit => new SolveOption($"Way {digit}", $"Do {digit}", [], []))],
        MovesIntoOptions = true,
    };

    private const string Own = "A) Way 1: Do 1\nB) Way 2: Do 2\nC) Way 3: Do 3";

    [Theory]
    [InlineData("How could I rest?\n\nA) one\nB) two\nC) three", "How could I rest?\n\nA) one\nB) two\nC) three")]
    [InlineData("Lead\n1. one\n2. two\n3. three", "Lead\n\nA) one\nB) two\nC) three")]
    [InlineData("Lead\n\n**A) One** – rest\n\n**B) Two** – walk\n\n**C) Three** – call\n\nWhich one?", "Lead\n\nA) One – rest\nB) Two – walk\nC) Three – call")]
    [InlineData("Lead\n- A. one\n- B. two\n- C. three\n- D. four", "Lead\n\nA) one\nB) two\nC) three")]
    [InlineData("Lead\n**A) One**\nRest\n**B) Two**\nWalk\n**C) Three**\nCall\nWhich one?", "Lead\n\nA) One Rest\nB) Two Walk\nC) Three Call")]
    [InlineData("Lead\r\nA) one\r\nB) two\r\nC) three\r\n", "Lead\n\nA) one\nB) two\nC) three")]
    [InlineData("A) one\nB) two\nC) three\nNEXT_STEP: options", "A) one\nB) two\nC) three")]
    [InlineData("A）一\nB）二\nC）三", "A) 一\nB) 二\nC) 三")]
    [InlineData("Lead\nOption A: one\nOption B: two\nOption C: three", "Lead\n\nA) one\nB) two\nC) three")]
    [InlineData("Lead\n**Opción A:** una\n**Opción B:** dos\n**Opción C:** tres", "Lead\n\nA) una\nB) dos\nC) tres")]
    [InlineData("Lead\n### A) One\nRest\n### B) Two\nWalk\n### C) Three\nCall", "Lead\n\nA) One Rest\nB) Two Walk\nC) Three Call")]
    [InlineData("Lead\n选项A：一\n选项B：二\n选项C：三", "Lead\n\nA) 一\nB) 二\nC) 三")]
    [InlineData("我们看看。\n选项一：休息\n选项二：散步\n选项三：打电话", "我们看看。\n\nA) 休息\nB) 散步\nC) 打电话")]
    [InlineData("一步一步来。\n**方案一**：休息\n**方案二**：散步\n**方案三**：打电话", "一步一步来。\n\nA) 休息\nB) 散步\nC) 打电话")]
    [InlineData("Lead\n**Option A**: One\n**Option B** : Two\n**Option C**: Three", "Lead\n\nA) One\nB) Two\nC) Three")]
    [InlineData("Lead\n__1__. One\n__2__. Two\n__3__. Three", "Lead\n\nA) One\nB) Two\nC) Three")]
    [InlineData("Lead\n```text\nA) x\nB) y\nC) z\n```", "Lead\n\nA) x\nB) y\nC) z")]
    [InlineData("Lead\nA): one\nB) – two\nC): three", "Lead\n\nA) one\nB) two\nC) three")]
    [InlineData("Lead\nA) one\nB) two\nC) \u0001", "Lead\n\n" + Own)]
    [InlineData("Just a lead", "Just a lead\n\n" + Own)]
    [InlineData("Lead\nA) one\nB) two", "Lead\n\n" + Own)]
    [InlineData("Lead\nB) two\nA) one\nC) three", "Lead\n\n" + Own)]
    [InlineData("", Own)]
    public void a_reply_gets_its_three_lines(string reply, string expected)
    {
        var repaired = OptionsText.EnsureOptions(reply, IntoOptions);

        Assert.Equal(expected, repaired);
        Assert.True(OptionsText.IsWellFormed(repaired));
        Assert.Equal(repaired, OptionsText.EnsureOptions(repaired, IntoOptions));
        var stream = new OptionsStream(IntoOptions);
        Assert.Equal(expected, string.Concat(reply.Select(letter => stream.Push(letter.ToString()))) + stream.Finish());
    }

    [Fact]
    public void what_was_shown_is_what_whoever_picks_one_means()
    {
        var kept = IntoOptions.Options[1];

        var shown = OptionsText.Shown("Lead\n\nA) Write to HR\nB) Way 2: Do 2\nC) 放慢：每天 一页", IntoOptions.Options);

        Assert.Equal((3, "Write to HR", "Write to HR", "放慢", "每天 一页"), (shown.Count, shown[0].Title, shown[0].Description, shown[2].Title, shown[2].Description));
        Assert.Same(kept, shown[1]);
        Assert.Equal(IntoOptions.Options, OptionsText.Shown(OptionsText.EnsureOptions("", IntoOptions), IntoOptions.Options));
    }

    [Fact]
    public void an_option_without_a_title_of_its_own_is_called_by_its_text()
    {
        var longOne = "Write down the three things that worry you most and strike out the one that nobody can change today";

        var shown = OptionsText.Shown($"A) : Call Anna: today\nB) {longOne}\nC) ：：", IntoOptions.Options);

        Assert.Equal(["Call Anna", "Write down the three things that worry you most and strike out the one that…", "：："], shown.Select(option => option.Title));
        Assert.Equal(["today", longOne, "：："], shown.Select(option => option.Description));
        Assert.Equal("A) Call Anna: today\nB) " + longOne + "\nC) ：：", OptionsText.Lines(shown));
    }

    [Theory]
    [InlineData("Rest", "Rest for ten minutes", "Rest for ten minutes")]
    [InlineData("Rest for ten minutes", "Rest", "Rest for ten minutes")]
    [InlineData("Rest for…", "Rest for ten minutes", "Rest for ten minutes")]
    [InlineData("Pause", "Rest for ten minutes", "Pause: Rest for ten minutes")]
    public void an_option_whose_title_begins_its_description_is_written_once(string title, string description, string expected)
    {
        var option = new SolveOption(title, description, [], []);
        var reply = OfflineCoach.Write(IntoOptions with { Kind = ReplyKind.Options, Options = [option, .. IntoOptions.Options.Skip(1)], MovesIntoOptions = false });

        Assert.Equal("A) " + expected, OptionsText.Lines([option]));
        Assert.Contains($"\nA) {expected}\nB) Way 2: Do 2\n", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I will call my sister", null)]
    [InlineData("B", 1)]
    [InlineData("Write to HR and ask for a week off please", 1)]
    public void a_title_without_a_letter_is_picked_by_no_message_and_one_that_was_cut_by_its_words(string text, int? picked) => Assert.Equal(
        picked,
        OptionChoice.In(text, [new SolveOption("\0", "\0", [], []), new SolveOption("Write to HR and ask…", "Write to HR and ask for a week off", [], []), new SolveOption("Walk", "Walk", [], [])]));

    [Fact]
    public void any_other_reply_stays_as_it_is() =>
        Assert.Equal("1. one", OptionsText.EnsureOptions("1. one", IntoOptions with { MovesIntoOptions = false }));

    [Fact]
    public void the_lead_streams_through_while_the_options_are_held_back()
    {
        var stream = new OptionsStream(IntoOptions);
        string[] chunks = ["\nA friend", " asked:\n", "How could", " I rest?\n\n1", ". one\n2. two\n3. th", "ree\nWhich one?"];

        Assert.Equal(["A friend", " asked:", "\nHow could", " I rest?", "", ""], chunks.Select(stream.Push));
        Assert.Equal("\n\nA) one\nB) two\nC) three", stream.Finish());
    }

    [Fact]
    public void a_streamed_reply_without_options_gets_the_briefs_own()
    {
        var stream = new OptionsStream(IntoOptions);

        Assert.Equal("Just a lead", stream.Push("Just a lead"));
        Assert.Equal("\n\n" + Own, stream.Finish());
        Assert.Equal(Own, new OptionsStream(IntoOptions).Finish());
    }

    [Fact]
    public void any_other_reply_streams_untouched()
    {
        var stream = new OptionsStream(IntoOptions with { MovesIntoOptions = false });

        Assert.Equal((" 1. one\n", ""), (stream.Push(" 1. one\n"), stream.Finish()));
    }
}
