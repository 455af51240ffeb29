using Solacore.Core.Safety;
using Solacore.Core.Words;

namespace Solacore.Tests.Words;

public sealed class ReadingTests
{
    [Theory]
    [InlineData("one two\nthree", "0 0 0")]
    [InlineData("one two\n\nthree", "0 0 1")]
    [InlineData("one two \r\n \r\n three four\n", "0 0 1 1")]
    [InlineData("one two.\nthree", "0 0 1")]
    public void a_blank_line_ends_a_sentence_and_a_single_break_does_not(string text, string sentences) =>
        Assert.Equal(sentences, string.Join(' ', Reading.Of(text).Select(word => word.Sentence)));

    [Theory]
    [InlineData("I want to\ndie")]
    [InlineData("I just want to\r\ndie")]
    [InlineData("I don't want to\nlive anymore")]
    [InlineData("no quiero\nvivir")]
    [InlineData("me quiero\nmatar")]
    [InlineData("我不想\n活了")]
    public void a_crisis_is_heard_over_the_end_of_a_line(string text) => Assert.NotNull(CrisisDetector.Detect(text));
}
