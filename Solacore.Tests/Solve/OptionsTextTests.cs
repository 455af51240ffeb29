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
    }

    [Fact]
    public void any_other_reply_stays_as_it_is() =>
        Assert.Equal("1. one", OptionsText.EnsureOptions("1. one", IntoOptions with { MovesIntoOptions = false }));

    [Theory]
    [InlineData("Lead\n\nA) one\nB) two\nC) three", "")]
    [InlineData("Just a lead", "\n\n" + Own)]
    [InlineData("", Own)]
    public void what_a_streamed_reply_lacks_can_be_appended(string streamed, string expected) =>
        Assert.Equal(expected, OptionsText.Missing(streamed, IntoOptions));
}
