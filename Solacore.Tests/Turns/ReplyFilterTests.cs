using CsCheck;
using Solacore.Core.Turns;

namespace Solacore.Tests.Turns;

/// <summary>What of a model's text is not for the person.</summary>
public sealed class ReplyFilterTests
{
    private static readonly Gen<string> Replies = Gen.OneOf(
            "Hello", " ", "\n", "\n\n", "\r\n", "<", "<think>", "</think>", "<thinking>", "</thinking>", "NEXT_STEP: x", "NEXT", "**", "```", "```markdown\n", "a < b", "`x`", "A) one", "你好", "?")
        .Array[0, 10]
        .Select(string.Concat);

    [Theory]
    [InlineData("What helps?\nNEXT_STEP: commit", "What helps?")]
    [InlineData("What helps?\n\nNEXT_STEP: commit\n", "What helps?")]
    [InlineData("What helps?\n**NEXT_STEP:** options\n\n", "What helps?")]
    [InlineData("NEXT_STEP: clarify\n\nWhat helps?", "What helps?")]
    [InlineData("One\nnext_step : clarify\nTwo", "One\nTwo")]
    [InlineData("One\nNEXT_STEPS are hard", "One\nNEXT_STEPS are hard")]
    [InlineData("One\nNext", "One\nNext")]
    [InlineData("<think>The person is sad.\nNEXT</think>\n\nThat hurts.", "That hurts.")]
    [InlineData("\n<thinking>a</b></thinking> That hurts.", "That hurts.")]
    [InlineData("That <THINK>hm</THINK>hurts.", "That hurts.")]
    [InlineData("That hurts.\n<think>hm</think>", "That hurts.")]
    [InlineData("<think>all of it", "")]
    [InlineData("a < b <the", "a < b <the")]
    [InlineData("a <thi", "a <thi")]
    [InlineData("```markdown\nHow could I rest?\n\nA) one\n```", "How could I rest?\n\nA) one")]
    [InlineData("\n```\nHow could I rest?\n```\n", "How could I rest?")]
    [InlineData("```md\nTry\n```python\nx = 1\n```\nNow you.\n```", "Try\n```python\nx = 1\n```\nNow you.")]
    [InlineData("```python\nx = 1\n```\nNow you.", "```python\nx = 1\n```\nNow you.")]
    [InlineData("Try\n```\nx = 1\n```", "Try\n```\nx = 1\n```")]
    [InlineData("`x` is a **name**\n* one\n** two", "`x` is a **name**\n* one\n** two")]
    [InlineData(" Hello \n\n world \n", " Hello \n\n world \n")]
    [InlineData("\n\nHello", "\n\nHello")]
    [InlineData("", "")]
    public void it_goes_however_the_pieces_are_cut(string reply, string expected)
    {
        Assert.Equal(expected, Filtered([.. reply.Select(letter => letter.ToString())]));
        for (var first = 0; first <= reply.Length; first++)
        {
            for (var second = first; second <= reply.Length; second++)
            {
                Assert.Equal(expected, Filtered([reply[..first], reply[first..second], reply[second..]]));
            }
        }
    }

    [Fact]
    public void whatever_a_model_says_its_pieces_make_no_difference() => Gen.Select(Replies, Gen.Int[1, 7]).Sample((reply, size) =>
        Assert.Equal(Filtered([reply]), Filtered([.. reply.Chunk(size).Select(piece => new string(piece))])));

    [Fact]
    public void only_what_may_still_go_is_held_back()
    {
        var filter = new ReplyFilter();
        string[] pieces = ["What ", "helps", "?\n", "Rest", " <b>", "now</b>"];

        Assert.Equal(["What ", "helps", "?", "\nRest", " <b>", "now</b>"], pieces.Select(filter.Push));
        Assert.Equal("", filter.Finish());
    }

    private static string Filtered(string[] pieces)
    {
        var filter = new ReplyFilter();
        return string.Concat(pieces.Select(filter.Push)) + filter.Finish();
    }
}
